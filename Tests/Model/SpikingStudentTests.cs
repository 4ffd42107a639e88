using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model;

[Collection(Lanes.Name)]
public class SpikingStudentTests
{
    [Fact]
    public void AStudentStartsFromTheTeachersWeightsWithItsEmbeddingFrozen()
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(TinyModels.UnusualConfig), student = TinyModels.Student(teacher);

        Assert.Equal(TinyModels.Values(teacher), TinyModels.Values(student));
        Assert.False(student.Embedding.Trainable);
        Assert.True(student.LmHead.Trainable);
        Assert.All(student.Parameters().Where(p => p != student.Embedding), p => Assert.True(p.Trainable));
        Assert.All(teacher.Parameters(), p => Assert.True(p.Trainable));
    }

    [Fact]
    public void ATiedHeadIsFrozenWithTheEmbedding()
    {
        Mamba2LanguageModel student = TinyModels.Student(TinyModels.Dense());
        Assert.Same(student.Embedding, student.LmHead);
        Assert.False(student.LmHead.Trainable);
    }

    [Fact]
    public void TheStudentsWeightsAreItsOwn()
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(), student = TinyModels.Student(teacher);
        float before = teacher.Blocks[0].Mixer.InProj.Weight.Values[0];
        student.Blocks[0].Mixer.InProj.Weight.Values[0] += 1f;
        Assert.Equal(before, teacher.Blocks[0].Mixer.InProj.Weight.Values[0]);
    }

    [Fact]
    public void CompensationChangesNoLogit()
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(60, teacher.Config.VocabSize);
        float[] without = TinyModels.Student(teacher, compensation: 0f).Forward(ids, batch: 2).Values.ToArray();
        Assert.Equal(without, TinyModels.Student(teacher, compensation: 0.25f).Forward(ids, batch: 2).Values.ToArray());
    }

    [Fact]
    public void SpikesAreCountedInFrontOfEveryProjection()
    {
        Mamba2LanguageModel student = TinyModels.Student(TinyModels.Dense());
        SpikeStatistics spikes = new(student.Config.LayerCount);
        student.Forward(TinyModels.Tokens(30, student.Config.VocabSize), batch: 1, trace: new ForwardTrace { Spikes = spikes });

        for (int layer = 0; layer < student.Config.LayerCount; layer++)
        {
            Assert.Equal(30 * student.Config.DModel, spikes[layer, SpikeSite.InProj].Neurons);
            Assert.Equal(30 * student.Config.DInner, spikes[layer, SpikeSite.OutProj].Neurons);
        }

        Assert.InRange(spikes.Total.Density, 0.2, 0.8);
        Assert.InRange(spikes.Total.NegativeShare, 0.3, 0.7);
        Assert.True(spikes.Total.MeanMagnitude >= spikes.Total.Density);
    }

    [Fact]
    public void StatisticsCountByHand()
    {
        SpikeStatistics spikes = new(1);
        spikes.Observe(0, SpikeSite.OutProj, [0f, 3f, -1f, 0f]);
        spikes.Observe(0, SpikeSite.OutProj, [-4f, 0f]);

        Assert.Equal(new SpikeCounts(Neurons: 6, Active: 3, Negative: 2, Magnitude: 8), spikes[0, SpikeSite.OutProj]);
        Assert.Equal(0.5, spikes.Total.Density);
        Assert.Equal(8.0 / 6, spikes.Total.MeanMagnitude);
        Assert.Equal(2.0 / 3, spikes.Total.NegativeShare);
        Assert.Equal(0, spikes[0, SpikeSite.InProj].Density);
    }
}
