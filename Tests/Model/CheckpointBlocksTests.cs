using SpikeEngine.Model;

namespace SpikeEngine.Tests.Model;

public class CheckpointBlocksTests
{
    [Fact]
    public void AModelThatRunsItsBlocksAgainHasTheSameGradientsInLessMemory()
    {
        Mamba2LanguageModel model = new(TinyModels.Config with { LayerCount = 6 }, ParameterStore.Random(1));
        (float[][] plain, long all) = Gradients(model);
        model.CheckpointBlocks = true;
        (float[][] again, long some) = Gradients(model);

        Assert.Equal(plain, again);
        Assert.True(some < all / 2, $"{some} floats with, {all} without");
    }

    private static (float[][] Gradients, long Floats) Gradients(Mamba2LanguageModel model)
    {
        const int Length = 128;
        model.ZeroGrad();
        int[] tokens = TinyModels.Tokens(Length + 1, model.Config.VocabSize);
        Workspace workspace = new();
        using Workspace.Scope scope = workspace.Open();
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.CrossEntropy(model.Forward(tokens.AsMemory(0, Length), batch: 1), tokens.AsMemory(1));
        long floats = workspace.UsedBytes / sizeof(float);
        loss.Backward();
        return ([loss.Values.ToArray(), .. model.Parameters().Select(p => p.Grad.ToArray())], floats);
    }
}
