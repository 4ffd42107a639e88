using SpikeEngine.Model;

namespace SpikeEngine.Tests.Model;

public class ForwardAtTests
{
    private static readonly int[] s_positions = [3, 0, 11, 11, 19];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LogitsAndGradientsAreThoseOfTheWholeAtItsPositions(bool checkpoints)
    {
        Mamba2LanguageModel model = TinyModels.Student(TinyModels.Dense(TinyModels.UnusualConfig), compensation: 0.25f);
        int[] ids = TinyModels.Tokens(20, model.Config.VocabSize);
        (float[] expected, float[][] expectedGradients) = Run(() =>
            Ops.IndexSelect(model.Forward(ids, 2).Reshape(20, model.Config.VocabSize), s_positions, axis: 0));
        model.CheckpointBlocks = checkpoints;
        (float[] actual, float[][] gradients) = Run(() => model.ForwardAt(ids, 2, s_positions));

        Close(expected, actual);
        foreach ((float[] e, float[] a) in expectedGradients.Zip(gradients))
            Close(e, a);

        (float[], float[][]) Run(Func<Tensor> forward)
        {
            model.Store.ZeroGrad();
            using Tape tape = Tape.Begin();
            Tensor y = forward();
            tape.Backward(Ops.Mean(Ops.Square(y)));
            return (y.ToArray(), [.. model.Parameters().Where(p => p.Trainable).Select(p => p.Grad.ToArray())]);
        }
    }

    [Fact]
    public void APositionOutsideTheIdsIsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TinyModels.Dense().ForwardAt(new int[4], 2, new[] { 4 }));

    private static void Close(float[] expected, float[] actual) =>
        FiniteDifferences.AssertClose("x", actual, Array.ConvertAll(expected, x => (double)x), 1e-5);
}
