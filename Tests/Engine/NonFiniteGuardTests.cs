using SpikeEngine.Model;

namespace SpikeEngine.Tests.Engine;

public class NonFiniteGuardTests
{
    [Fact]
    public void ABadWeightIsNamedWithItsOperationShapesAndModule()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        model.Blocks[1].Mixer.ConvWeight.Values[5] = float.NaN;

        string message = Message(() => model.Forward(TinyModels.Tokens(10, model.Config.VocabSize), batch: 2));

        Assert.StartsWith("CausalConv1d made NaN at ", message, StringComparison.Ordinal);
        foreach (string part in new[]
        {
            " of [2, 5, 112], from [2, 5, 112] and backbone.layers.1.mixer.conv1d.weight [112, 1, 4] and ",
            ", in backbone.layers.1.mixer. Input 1 has NaN at 5 already.",
        })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALayersPathIsItsOwn()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        model.Blocks[0].Norm.Weight.Values[0] = float.PositiveInfinity;
        Assert.Contains(
            "in backbone.layers.0.norm.", Message(() => model.Forward(TinyModels.Tokens(4, model.Config.VocabSize), batch: 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnOperationThatOverflowsOfItselfBlamesNoInput()
    {
        string message = Message(() => Ops.Exp(Tensor.From([0f, 100f], 2)));

        Assert.StartsWith("Exp made ", message, StringComparison.Ordinal);
        Assert.EndsWith(" at 1 of [2], from [2].", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGradientThatOverflowsIsNamedWithItsOperationAndModule()
    {
        ParameterStore store = new(static (_, _, _, values) => values.Fill(1e30f));
        Linear first = new(store.Root / "net" / "first", 1, 1, hasBias: false), second = new(store.Root / "net" / "second", 1, 1, hasBias: false);
        Parameter x = store.Root.Get("x", [1, 1], Init.Ones);
        x.Values[0] = 1e-30f;   // values are 1 and 1e30; the gradient of x is 1e60

        string message = Message(() =>
        {
            using Tape tape = Tape.Begin();
            tape.Backward(second.Forward(first.Forward(x)));
        });

        Assert.StartsWith("The backward pass of Linear made ", message, StringComparison.Ordinal);
        Assert.EndsWith(
            " at 0 in the gradient of its input 0 [1, 1] (x); its result is [1, 1], in net.first.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGuardThatMissedTheForwardPassSaysSo()
    {
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.Sum(Ops.Silu(Parameter()));
        using NonFiniteGuard guard = NonFiniteGuard.Start();

        string message = Assert.Throws<InvalidOperationException>(() => tape.Backward(loss)).Message;
        Assert.Contains("started after Sum ran", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMaskPassesWhenMinusInfinityIsAllowed()
    {
        Tensor mask = Tensor.From([1f, 0f, 1f], 3), x = Parameter();
        Tensor Masked() => Ops.Where(mask, x, Tensor.Full(float.NegativeInfinity, 3));

        Assert.EndsWith("start the guard with allowMinusInfinity.", Message(() => Masked()), StringComparison.Ordinal);
        using NonFiniteGuard guard = NonFiniteGuard.Start(allowMinusInfinity: true);
        using Tape tape = Tape.Begin();
        Tensor weights = Ops.Softmax(Masked());
        Assert.Equal(0f, weights.Values[1]);
        Ops.SegSum(x);
        tape.Backward(Ops.Sum(Ops.Square(weights)));
        Assert.True(x.HasGrad);
    }

    [Fact]
    public void AllowedMinusInfinityHidesNothingElse()
    {
        using NonFiniteGuard guard = NonFiniteGuard.Start(allowMinusInfinity: true);
        Tensor bad = Tensor.From([float.NegativeInfinity, float.PositiveInfinity], 2), masked = Tensor.Full(float.NegativeInfinity, 2);

        Assert.Contains("at 1 of", Assert.Throws<NonFiniteException>(() => Ops.Relu(bad)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Softmax made NaN", Assert.Throws<NonFiniteException>(() => Ops.Softmax(masked)).Message, StringComparison.Ordinal);
        Parameter x = Parameter();
        x.Values[1] = 0f;
        using Tape tape = Tape.Begin();
        Tensor loss = Ops.Sum(Ops.Log(x));
        string message = Assert.Throws<NonFiniteException>(() => tape.Backward(loss)).Message;
        Assert.StartsWith("The backward pass of Log made ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAGuardNothingIsLookedAt()
    {
        using (NonFiniteGuard.Start())
            Assert.True(NonFiniteGuard.IsOn);
        Assert.False(NonFiniteGuard.IsOn);
        Assert.True(float.IsInfinity(Ops.Exp(Tensor.From([100f], 1)).Item()));
    }

    private static Parameter Parameter() => new ParameterStore(static (_, _, _, values) => values.Fill(0.5f)).Root.Get("x", [3], Init.Ones);

    private static string Message(Action run)
    {
        using NonFiniteGuard guard = NonFiniteGuard.Start();
        return Assert.Throws<NonFiniteException>(run).Message;
    }
}
