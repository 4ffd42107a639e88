using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model.Spiking;

/// <summary>A closer look at spikes, against counting them one by one.</summary>
public class SpikeProfileTests
{
    private static readonly Mamba2Config s_config = TinyModels.Config with { DModel = 8, HeadDim = 4, LayerCount = 2, Spiking = new SpikingConfig { Levels = 2 } };

    [Fact]
    public void LevelsDeadNeuronsAndStretchesAreCounted()
    {
        const int Length = 6;
        SeededRandom random = new(1, "spikes");
        float[] spikes = [.. Enumerable.Range(0, 2 * Length * 8).Select(i => i % 8 == 3 ? 0f : random.NextInt(5) - 2)];   // neuron 3 is dead
        SpikeStatistics statistics = new(2) { Profile = new SpikeProfile(s_config, Length, bins: 3), ProfiledLength = Length };
        statistics.Observe(1, SpikeSite.InProj, spikes);

        SpikeProfile profile = statistics.Profile;
        Assert.Equal([-2, -1, 0, 1, 2], profile.Levels(1, SpikeSite.InProj).Select(l => l.Count));
        Assert.All(profile.Levels(1, SpikeSite.InProj), l => Assert.Equal(spikes.Count(s => s == l.Count), l.Neurons));
        Assert.Equal((1, 8, 8), (profile.Dead(1, SpikeSite.InProj), profile.Neurons(1, SpikeSite.InProj), profile.Dead(0, SpikeSite.InProj)));
        for (int bin = 0; bin < 3; bin++)
        {
            float[] of = [.. spikes.Where((_, i) => i / 8 % Length / 2 == bin)];
            Assert.Equal(of.Count(s => s != 0) / (double)of.Length, profile.Density(bin), 12);
            Assert.Equal(2 * bin, profile.Start(bin));
        }

        Assert.Equal(spikes.Count(s => s != 0) / (double)spikes.Length, statistics[1, SpikeSite.InProj].Density, 12);
    }

    [Fact]
    public void ADecoderFillsIt()
    {
        Mamba2LanguageModel student = TinyModels.Student(TinyModels.Dense());
        SpikeStatistics statistics = new(student.Config.LayerCount) { Profile = new SpikeProfile(student.Config, 10, bins: 2), ProfiledLength = 10 };
        new Mamba2Decoder(student).Forward(TinyModels.Tokens(20, student.Config.VocabSize), batch: 2, spikes: statistics);
        Assert.Equal(20 * student.Config.DInner, statistics.Profile.Levels(1, SpikeSite.OutProj).Sum(l => l.Neurons));
        Assert.InRange(statistics.Profile.Density(1), 0.01, 0.99);
    }
}
