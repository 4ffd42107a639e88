using SpikeEngine.Model;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Model;

/// <summary>Every gradient of whole models against differences of the same models in double.</summary>
public class GradientCheckModelTests
{
    private const int Sequences = 3;
    private const int Length = 6;   // a chunk and a half

    private static readonly GradientCheckOptions s_everyElement = new() { ElementsPerTensor = int.MaxValue };

    private static readonly Mamba2Config s_config = new()
    {
        VocabSize = 11, DModel = 8, LayerCount = 2, DState = 4, HeadDim = 4, ChunkSize = 4,
    };

    /// <summary>Every switch the other way.</summary>
    private static readonly Mamba2Config s_unusual = s_config with
    {
        GroupCount = 2,
        DConv = 3,
        DtLimitLow = 0.001f,
        DtLimitHigh = 0.3f,
        TieEmbeddings = false,
        UseBias = true,
        UseConvBias = false,
        GroupedNorm = true,
    };

    private static readonly DistillationOptions s_allTerms = new() { Temperature = 2f, CrossEntropyWeight = 0.5f };

    public static TheoryData<Mamba2Config> Configs => [s_config, s_unusual];

    [Theory]
    [MemberData(nameof(Configs))]
    public void OfADenseModel(Mamba2Config config)
    {
        Mamba2LanguageModel model = TinyModels.Dense(config);
        TokenBatch batch = TinyModels.Batch(config, Sequences, Length);

        GradientCheckResult result = GradientCheck.Run(
            model, () => Ops.CrossEntropy(model.Forward(batch.Inputs, batch.BatchSize), batch.Targets), s_everyElement);

        result.ThrowIfFailed();
        Assert.Equal(model.Store.Count, result.Elements);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.25f)]
    public void OfASpikingStudent(float compensation)
    {
        Mamba2LanguageModel student = Student(compensation, out Func<Tensor> loss);

        GradientCheckResult result = GradientCheck.Run(student, loss, s_everyElement);

        result.ThrowIfFailed();
        Assert.Equal(student.Parameters().Where(p => p.Trainable).Sum(p => p.Count), result.Elements);
    }

    [Fact]
    public void ASurrogateIsNotTheDerivativeOfTheSpikes()
    {
        Mamba2LanguageModel student = Student(compensation: 0f, out Func<Tensor> loss);
        Assert.False(GradientCheck.Run(student, loss, s_everyElement with { SurrogateAware = false }).Passed);
    }

    /// <summary>A student and its distillation loss.</summary>
    private static Mamba2LanguageModel Student(float compensation, out Func<Tensor> loss)
    {
        Mamba2LanguageModel teacher = TinyModels.Dense(s_config), student = TinyModels.Student(teacher, compensation);
        DistillationObjective objective = new(teacher, student, TinyModels.Batches(s_config, Sequences, Length), s_allTerms);
        objective.Next();
        loss = objective.Loss;
        return student;
    }
}
