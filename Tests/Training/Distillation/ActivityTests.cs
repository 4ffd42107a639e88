using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training.Distillation;

/// <summary>A share of spikes that is asked for, and the states that are compared.</summary>
[Collection(Lanes.Name)]
public class ActivityTests
{
    [Theory]
    [InlineData(NeuronKind.TiLif, ActivityMeasure.Operations, 0.3)]
    [InlineData(NeuronKind.TiLif, ActivityMeasure.Inputs, 0.15)]
    [InlineData(NeuronKind.ILif, ActivityMeasure.Operations, 0.15)]
    public void AStudentComesToItsTarget(NeuronKind neuron, ActivityMeasure measure, double target)
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        Mamba2LanguageModel student = teacher.ToSpikingStudent(new SpikingConfig { Neuron = neuron, OwnThresholds = true });
        DistillationObjective objective = new(
            teacher, student, TinyModels.Batches(teacher.Config, batch: 4, length: 32), new DistillationOptions { Activity = new() { Target = target, Measure = measure } });
        double rate = 0, first = 0, inputs = 0;
        TinyModels.Train(objective, new TrainerOptions { Steps = 200, LearningRate = 1e-2f }, p =>
        {
            rate = p.Metrics["activity"];
            first = first == 0 ? rate : first;
            inputs = p.Metrics["spike_rate"];
        });
        Assert.InRange(rate, 0.7 * target, 1.15 * target);
        Assert.True(first > 1.3 * target, $"it was at {first} from the beginning");
        Assert.Equal(measure == ActivityMeasure.Inputs, Math.Abs(rate - inputs) < 1e-6);
    }

    [Fact]
    public void OperationsAreInputsTimesTheOutputsBehindThem()
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(), student = teacher.ToSpikingStudent(new SpikingConfig { OwnThresholds = true });
        foreach (Mamba2Block block in student.Blocks)
            block.Mixer.OutThreshold!.Values[0] = 0.1f;   // so that both sites spike at other rates
        TokenBatches batches = TinyModels.Batches(teacher.Config, batch: 2, length: 16);
        DistillationObjective objective = new(teacher, student, batches, new DistillationOptions { Activity = new() { Target = 0.01 } });
        double seen = 0;
        TinyModels.Train(objective, new TrainerOptions { Steps = 1, LearningRate = 1e-30f }, p => seen = p.Metrics["activity"]);

        SpikeStatistics spikes = new(student.Config.LayerCount);
        TokenBatch batch = TinyModels.Batches(teacher.Config, batch: 2, length: 16).Next();
        student.Forward(batch.Inputs, batch: 2, trace: new ForwardTrace { Spikes = spikes });
        double made = 0, all = 0;
        for (int layer = 0; layer < spikes.LayerCount; layer++)
        {
            foreach ((SpikeSite site, int outputs) in new[] { (SpikeSite.InProj, student.Config.InProjRows), (SpikeSite.OutProj, student.Config.DModel) })
            {
                made += (double)spikes[layer, site].Active * outputs;
                all += (double)spikes[layer, site].Neurons * outputs;
            }
        }

        Assert.Equal(made / all, seen, 1e-5);
        Assert.NotEqual(spikes.Total.Density, seen, 1e-2);
    }

    [Fact]
    public void ATargetNeedsNeuronsThatHaveOne()
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        DistillationOptions options = new() { Activity = new() { Target = 0.1 } };
        Assert.Throws<ArgumentException>(() => new DistillationObjective(
            teacher, teacher.ToSpikingStudent(new SpikingConfig { Neuron = NeuronKind.Lif }), TinyModels.Batches(teacher.Config, 1, 8), options));
    }

    public static TheoryData<HiddenOptions> Hidden =>
    [
        .. from last in new[] { false, true }
           from point in Enum.GetValues<HiddenPoint>()
           from form in Enum.GetValues<HiddenForm>()
           select new HiddenOptions { LastOnly = last, Point = point, Form = form },
    ];

    [Theory]
    [MemberData(nameof(Hidden))]
    public void EveryHiddenLossFalls(HiddenOptions hidden)
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(), student = TinyModels.Student(teacher);
        DistillationObjective objective = new(
            teacher, student, TinyModels.Batches(teacher.Config, batch: 4, length: 32), new DistillationOptions { KLWeight = 0f, Hidden = hidden });
        List<double> losses = [];
        TinyModels.Train(objective, new TrainerOptions { Steps = 40, LearningRate = 1e-2f }, p => losses.Add(p.Metrics["loss_hidden"]));
        Assert.True(losses.TakeLast(5).Average() < 0.9 * losses.Take(3).Average(), $"{losses[0]} to {losses[^1]}");
    }
}
