using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation.Spad;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Every gradient of whole transformers, and of SpAD with all its terms, against differences in double.</summary>
public class OptGradientTests
{
    private static readonly GradientCheckOptions s_everyElement = new() { ElementsPerTensor = int.MaxValue };

    private static readonly OptConfig s_config = new() { VocabSize = 11, DModel = 8, LayerCount = 2, HeadCount = 2, FfnDim = 12, MaxPositions = 6 };

    public static TheoryData<OptConfig> Configs =>
    [
        s_config, s_config with { EmbedDim = 5, NormBefore = false, TieEmbeddings = false }, s_config with { Spiking = BinarySpiking.Paper },
        s_config with { Spiking = BinarySpiking.Stable with { TimeSteps = 3, DetachesReset = true } },
    ];

    [Theory]
    [MemberData(nameof(Configs))]
    public void OfAModel(OptConfig config)
    {
        OptLanguageModel model = config.NewModel(ParameterStore.Random(2));
        int[] ids = TinyModels.Tokens(12, 11), targets = [.. ids.Reverse()];
        GradientCheckResult result = GradientCheck.Run(model, () => model.Loss(ids, targets, batch: 2), s_everyElement);
        result.ThrowIfFailed();
        Assert.Equal(model.Store.Count, result.Elements);
    }

    [Fact]
    public void OfCheckpointedBlocks()
    {
        OptLanguageModel kept = (s_config with { Spiking = BinarySpiking.Paper }).NewModel(ParameterStore.Random(2)), again = (s_config with { Spiking = BinarySpiking.Paper }).NewModel(ParameterStore.Random(2));
        again.CheckpointBlocks = true;
        int[] ids = TinyModels.Tokens(12, 11), targets = [.. ids.Reverse()];
        foreach (OptLanguageModel model in (OptLanguageModel[])[kept, again])
        {
            using Tape tape = Tape.Begin();
            tape.Backward(model.Loss(ids, targets, batch: 2));
        }

        Assert.All(kept.Parameters().Zip(again.Parameters()), pair => Assert.Equal(pair.First.Grad.ToArray(), pair.Second.Grad.ToArray()));
    }

    /// <summary>A student that is narrower and less deep than its teacher, with fewer heads.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfSpad(bool sameSizes)
    {
        OptLanguageModel teacher = (s_config with { LayerCount = 3, HeadCount = 4 }).NewModel(ParameterStore.Random(3));
        OptConfig sizes = sameSizes ? teacher.Config : s_config with { DModel = 6 };
        OptLanguageModel student = SpadStudent.Create(teacher, sizes with { Spiking = BinarySpiking.Paper }, SpadStart.Random, seed: 1);
        SpadObjective objective = new(teacher, student, new TokenBatches(new TokenList(TinyModels.Tokens(100, 11)), batchSize: 2, length: 6, seed: 1), new SpadOptions { GradientNormsEvery = 0 });
        objective.Next();
        GradientCheckResult result = GradientCheck.Run(student, objective.Loss, s_everyElement);
        result.ThrowIfFailed();
        Assert.Equal(student.Store.Count, result.Elements);
    }
}
