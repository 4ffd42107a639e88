using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
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
