using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Model.Spiking;

/// <summary>Every kind of neuron, with every kind of threshold: training and running compute the same, and so does what is read from a file.</summary>
[Collection(Lanes.Name)]
public sealed class SpikingKindsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<SpikingConfig> Kinds =>
    [
        new() { Threshold = 0.6f },
        new() { Threshold = 0.6f, OwnThresholds = true, Surrogate = Surrogate.Sigmoid },
        new() { Neuron = NeuronKind.ILif, Levels = 3 },
        new() { Neuron = NeuronKind.ILif, OwnThresholds = true, Threshold = 0.8f },
        new() { Neuron = NeuronKind.Lif, Beta = 0.25f },
        new() { Neuron = NeuronKind.Lif, Levels = 8, Reset = MembraneReset.Hard, Surrogate = Surrogate.Triangular, Threshold = 0.5f },
        new() { Neuron = NeuronKind.Lif, Levels = 3, OwnThresholds = true, Threshold = 0.7f, Surrogate = Surrogate.Rectangular, Alpha = 0.8f },
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheDecoderComputesWhatTrainingComputed(SpikingConfig kind) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel student = Student(kind, TinyModels.UnusualConfig);
        int[] ids = TinyModels.Tokens(24, student.Config.VocabSize);
        Tensor expected = student.Forward(ids, batch: 1);
        Mamba2Decoder decoder = new(student);
        AssertClose(expected, decoder.Forward(ids, batch: 1).Values);
        DecoderSession session = decoder.NewSession();
        foreach (int id in ids)
            session.Step(id);
        AssertClose(new Tensor(new Shape(1, expected.Columns), expected.Values[^expected.Columns..].ToArray()), session.Logits);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AModelComesBackFromItsFolder(SpikingConfig kind)
    {
        Mamba2LanguageModel student = Student(kind, TinyModels.Config);
        ModelFolder.Save(_folder.Path, student);
        Mamba2LanguageModel read = ModelFolder.Load<Mamba2LanguageModel>(_folder.Path);
        Assert.Equal(student.Config, read.Config);
        int[] ids = TinyModels.Tokens(20, student.Config.VocabSize);
        Assert.Equal(student.Forward(ids, batch: 1).ToArray(), read.Forward(ids, batch: 1).ToArray());
        Assert.Equal(kind.OwnThresholds, read.Blocks[1].Mixer.OutThreshold is not null);
        Mamba2Decoder.Load(_folder.Path);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryKindLearns(SpikingConfig kind)
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(), student = teacher.ToSpikingStudent(kind);
        DistillationObjective objective = new(teacher, student, TinyModels.Batches(teacher.Config, batch: 4, length: 32), new DistillationOptions());
        List<double> losses = [];
        TinyModels.Train(objective, new TrainerOptions { Steps = 40, LearningRate = 1e-2f }, p => losses.Add(p.Loss));
        Assert.True(losses.TakeLast(5).Average() < 0.8 * losses.Take(3).Average(), $"{losses[0]} to {losses[^1]}");
        if (kind.OwnThresholds)
            Assert.All(student.Blocks, block => Assert.NotEqual(kind.Threshold, block.Mixer.InThreshold!.Values[0]));
    }

    [Theory]
    [InlineData(CompensationForm.ValuePreserving)]
    [InlineData(CompensationForm.Mix)]
    [InlineData(CompensationForm.SharedBranch)]
    [InlineData(CompensationForm.OwnBranch)]
    [InlineData(CompensationForm.Zones)]
    public void CompensationIsThereInTrainingOnly(CompensationForm form)
    {
        Mamba2LanguageModel teacher = TinyModels.Dense();
        SmoothedCompensation compensation = new(form, width: 2f) { Lambda = 0.3f };
        Mamba2LanguageModel with = teacher.ToSpikingStudent(new SpikingConfig(), compensation), without = teacher.ToSpikingStudent(new SpikingConfig());
        int[] ids = TinyModels.Tokens(20, teacher.Config.VocabSize);
        float[] plain = without.Forward(ids, batch: 1).ToArray();
        Assert.Equal(plain, with.Forward(ids, batch: 1).ToArray());
        bool changesForward = form is CompensationForm.Mix or CompensationForm.SharedBranch or CompensationForm.OwnBranch;
        using (Tape.Begin())
            Assert.Equal(!changesForward, plain.AsSpan().SequenceEqual(with.Forward(ids, batch: 1).Values));

        float[] Gradient(Mamba2LanguageModel student)
        {
            using Tape tape = Tape.Begin();
            student.ZeroGrad();
            student.Loss(ids, ids, batch: 1).Backward();
            return student.Blocks[0].Norm.Weight.Grad.ToArray();
        }

        Assert.NotEqual(Gradient(without), Gradient(with));
        compensation.Lambda = 0f;
        Assert.Equal(Gradient(without), Gradient(with));
        ModelFolder.Save(_folder.Path, with);
        Assert.Equal(without.Parameters().Select(p => p.Path), ModelFolder.Load<Mamba2LanguageModel>(_folder.Path).Parameters().Select(p => p.Path));
    }

    [Fact]
    public void CompensationIsRefusedWhereThereAreNoCounts() => Assert.Throws<ArgumentException>(() => TinyModels.Dense().ToSpikingStudent(
        new SpikingConfig { Neuron = NeuronKind.Lif }, new SmoothedCompensation(CompensationForm.Zones)));

    private static Mamba2LanguageModel Student(SpikingConfig kind, Mamba2Config config)
    {
        Mamba2LanguageModel student = TinyModels.Dense(config).ToSpikingStudent(kind);
        foreach (Mamba2Block block in student.Blocks)
        {
            if (block.Mixer.InThreshold is { } threshold)
                threshold.Values[0] *= 1.3f;
        }

        return student;
    }

    private static void AssertClose(Tensor expected, ReadOnlySpan<float> actual)
    {
        float largest = expected.ToArray().Max(MathF.Abs);
        for (int i = 0; i < actual.Length; i++)
            Assert.True(MathF.Abs(expected.Values[i] - actual[i]) < 1e-4f * largest, $"{i}: {expected.Values[i]} and {actual[i]}");
    }
}
