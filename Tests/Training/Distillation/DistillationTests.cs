using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training.Distillation;

public class DistillationTests
{
    private readonly Mamba2LanguageModel _teacher = TinyModels.Dense();

    [Fact]
    public void TrainingChangesTheStudentButNeitherTeacherNorEmbedding()
    {
        Mamba2LanguageModel student = TinyModels.Student(_teacher, compensation: 0.25f);
        float[][] before = TinyModels.Values(_teacher);
        DistillationObjective objective = new(_teacher, student, TinyModels.Batches(_teacher.Config, batch: 2, length: 20), new DistillationOptions { Compensation = 0.25f });
        TinyModels.Train(objective, new TrainerOptions { Steps = 3, LearningRate = 1e-2f });

        Assert.Equal(before, TinyModels.Values(_teacher));
        Assert.All(_teacher.Parameters(), p => Assert.False(p.HasGrad));
        Assert.Equal(_teacher.Embedding.Values.ToArray(), student.Embedding.Values.ToArray());
        Assert.All(
            student.Parameters().Where(p => p != student.Embedding),
            p => Assert.NotEqual(_teacher.Store[p.Path].Values.ToArray(), p.Values.ToArray()));
    }

    [Fact]
    public void AStudentWithoutNeuronsHasNothingToLearn()
    {
        Mamba2LanguageModel twin = new(_teacher.Config, ParameterStore.CopyOf(_teacher.Store));
        Assert.Equal(0, Loss(twin, new DistillationOptions()), 1e-6);
    }

    [Fact]
    public void TheTermsAddUpWithTheirWeights()
    {
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        DistillationOptions none = new() { KLWeight = 0f, HiddenWeight = 0f };
        double kl = Loss(student, none with { KLWeight = 1f });
        double hidden = Loss(student, none with { HiddenWeight = 1f });
        double crossEntropy = Loss(student, none with { CrossEntropyWeight = 1f });

        Assert.True(kl > 0 && hidden > 0 && crossEntropy > 0);
        Assert.Equal(
            2 * kl + 3 * hidden + 0.5 * crossEntropy,
            Loss(student, new DistillationOptions { KLWeight = 2f, HiddenWeight = 3f, CrossEntropyWeight = 0.5f }),
            1e-4);
    }

    [Fact]
    public void TheTermsAndTheSpikeRateAreReported()
    {
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        DistillationOptions options = new() { KLWeight = 2f, HiddenWeight = 3f, CrossEntropyWeight = 0.5f };
        DistillationObjective objective = new(_teacher, student, Batches(), options);
        objective.Next();
        double loss = objective.Loss().Item();
        Metrics metrics = new();
        objective.Report(metrics);

        IReadOnlyDictionary<string, double> means = metrics.Means();
        Assert.Equal(["loss_kl", "loss_hidden", "loss_cross_entropy", "spike_rate"], means.Keys);
        Assert.Equal(loss, 2 * means["loss_kl"] + 3 * means["loss_hidden"] + 0.5 * means["loss_cross_entropy"], 1e-4);

        SpikeStatistics spikes = new(student.Config.LayerCount);
        student.Forward(Batches().Next().Inputs, 2, trace: new ForwardTrace { Spikes = spikes });
        Assert.Equal(spikes.Total.Density, means["spike_rate"]);
    }

    /// <summary>Of a teacher's pass only what the head gets and block outputs stay in the step's memory.</summary>
    [Fact]
    public void ATeachersPassHoldsLittleMemory()
    {
        Mamba2Config config = TinyModels.Config with { LayerCount = 8, DModel = 64 };
        Mamba2LanguageModel teacher = TinyModels.Dense(config);
        DistillationObjective objective = new(teacher, TinyModels.Student(teacher), TinyModels.Batches(config, batch: 2, length: 100), new DistillationOptions());
        Workspace workspace = new();
        using Workspace.Scope scope = workspace.Open();
        objective.Next();
        long tokens = 2 * 100, kept = sizeof(float) * tokens * (2 * config.LayerCount * config.DModel + 2 * config.DModel);
        Assert.InRange(workspace.UsedBytes, kept, kept * 5 / 4);
    }

    [Fact]
    public void TheDivergenceIsOfTheStudentFromTheTeacherPerToken()
    {
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        TokenBatch batch = Batches().Next();
        Tensor teacher = _teacher.Forward(batch.Inputs, 2), logits = student.Forward(batch.Inputs, 2);
        double expected = 0;
        for (int row = 0; row < teacher.Rows; row++)
        {
            double[] p = Softmax(teacher.Values.Slice(row * teacher.Columns, teacher.Columns).ToArray()), q = Softmax(logits.Values.Slice(row * logits.Columns, logits.Columns).ToArray());
            expected += p.Zip(q).Sum(pair => pair.First * Math.Log(pair.First / pair.Second)) / teacher.Rows;
        }

        Assert.Equal(expected, Loss(student, new DistillationOptions { HiddenWeight = 0f }), expected * 1e-4);

        static double[] Softmax(float[] row)
        {
            double total = row.Sum(v => Math.Exp(v));
            return [.. row.Select(v => Math.Exp(v) / total)];
        }
    }

    [Fact]
    public void TheHiddenTermIsTheFormula()
    {
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        TokenBatch batch = Batches().Next();
        ForwardTrace ofTeacher = new(), ofStudent = new();
        _teacher.Forward(batch.Inputs, 2, trace: ofTeacher);
        student.Forward(batch.Inputs, 2, trace: ofStudent);
        double expected = ofTeacher.BlockOutputs.Zip(ofStudent.BlockOutputs).Average(pair =>
            Ops.HiddenLossInDouble(pair.Second.InDouble(), pair.First.InDouble(), _teacher.Config.DModel).Average());

        Assert.Equal(expected, Loss(student, new DistillationOptions { KLWeight = 0f }), 1e-6);
    }

    [Fact]
    public void ModelsThatDifferInMoreThanNeuronsAreRefused() => Assert.Throws<ArgumentException>(
        () => new DistillationObjective(_teacher, TinyModels.Dense(TinyModels.Config with { DState = 8 }), Batches(), new DistillationOptions()));

    private double Loss(Mamba2LanguageModel student, DistillationOptions options)
    {
        DistillationObjective objective = new(_teacher, student, Batches(), options);
        objective.Next();
        return objective.Loss().Item();
    }

    private TokenBatches Batches() => TinyModels.Batches(_teacher.Config, batch: 2, length: 9);
}
