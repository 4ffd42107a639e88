namespace SpikeEngine.Tests.Engine;

public class ModuleTests
{
    [Fact]
    public void PathsAreBuiltFromScopes()
    {
        Pair pair = New("model", seed: 1);

        Assert.Equal("model.pair", pair.Path);
        Assert.Equal("model.pair.first", pair.First.Path);
        Assert.Equal("", new Linear(ParameterStore.Random(1).Root, 2, 2).Path);
    }

    [Fact]
    public void PartsNamesMayBeginWithOneAnother()
    {
        ParameterStore store = ParameterStore.Random(1);
        Linear layer = new(store.Root / "layer" / 1, 2, 2), other = new(store.Root / "layer" / 10, 2, 2);

        Assert.Equal([layer.Weight, layer.Bias!], layer.Parameters());
        Assert.Equal([other.Weight, other.Bias!], other.Parameters());
    }

    [Fact]
    public void ParametersComeInTheOrderInWhichTheyWereAskedFor()
    {
        Pair pair = New("model", seed: 1);
        Assert.Equal(
            ["model.pair.first.weight", "model.pair.first.bias", "model.pair.norm.weight", "model.pair.mean"],
            pair.Parameters().Select(p => p.Path));
    }

    [Fact]
    public void TheStateIsTheModulesOwnUnderNamesWithoutItsPath()
    {
        Pair pair = New("model", seed: 1);
        IReadOnlyDictionary<string, Tensor> state = pair.StateDict();

        Assert.Equal(["first.weight", "first.bias", "norm.weight", "mean"], state.Keys);
        Assert.Same(pair.First.Weight, state["first.weight"]);
        Assert.False(state["mean"].NeedsGrad);
    }

    [Fact]
    public void AStateGoesIntoAModuleOfTheSameShapesWhereverThatIs()
    {
        Pair source = New("here", seed: 1), target = New("there", seed: 2);
        Assert.NotEqual(Values(source), Values(target));

        target.LoadStateDict(source.StateDict());

        Assert.Equal(Values(source), Values(target));
        source.First.Weight.Values[0] += 1f;
        Assert.NotEqual(Values(source), Values(target));
    }

    [Fact]
    public void AMissingNameIsRefusedUnlessOneSaysSo()
    {
        Pair pair = New("model", seed: 1);
        Dictionary<string, Tensor> state = new(New("model", seed: 2).StateDict());
        state.Remove("norm.weight");

        AssertRefused(pair, state, "The state has no \"norm.weight\", which is [3] here.");

        pair.LoadStateDict(state, strict: false);
        Assert.Equal(state["first.weight"].Values.ToArray(), pair.First.Weight.Values.ToArray());
        Assert.All(pair.Norm.Weight.Values.ToArray(), w => Assert.Equal(1f, w));
    }

    [Fact]
    public void AnUnknownNameIsRefusedUnlessOneSaysSo()
    {
        Pair pair = New("model", seed: 1);
        Dictionary<string, Tensor> state = new(New("model", seed: 2).StateDict()) { ["second.weight"] = new(2, 7) };

        AssertRefused(pair, state, "The state has \"second.weight\" [2, 7], which is unknown here.");

        pair.LoadStateDict(state, strict: false);
        Assert.Equal(state["first.weight"].Values.ToArray(), pair.First.Weight.Values.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AWrongShapeIsRefusedWithBothShapes(bool strict)
    {
        Pair pair = New("model", seed: 1);
        Dictionary<string, Tensor> state = new(New("model", seed: 2).StateDict()) { ["mean"] = new(3, 1) };
        AssertRefused(pair, state, "\"mean\" is [3, 1] in the state, [3] here.", strict);
    }

    [Fact]
    public void ZeroGradClearsItsOwnGradientsAlone()
    {
        ParameterStore store = ParameterStore.Random(1);
        Linear first = new(store.Root / "first", 2, 2), second = new(store.Root / "second", 2, 2);
        foreach (Parameter parameter in store.Parameters)
            parameter.Grad.Fill(1f);

        first.ZeroGrad();

        Assert.All(first.Parameters(), p => Assert.Equal(0f, p.Grad.ToArray().Max()));
        Assert.All(second.Parameters(), p => Assert.Equal(1f, p.Grad.ToArray().Min()));
    }

    [Fact]
    public void TheCurrentPathIsThatOfTheModuleThatRuns()
    {
        Pair pair = New("model", seed: 1);
        pair.Forward(new Tensor(2, 3));

        Assert.Equal(["model.pair", "model.pair"], pair.Seen);
        Assert.Equal("", Module.CurrentPath);
    }

    [Fact]
    public void AModuleThatThrowsDoesNotRemainTheCurrentOne()
    {
        Pair pair = New("model", seed: 1);
        Assert.Throws<ArgumentException>(() => pair.Forward(new Tensor(2, 4)));
        Assert.Equal("", Module.CurrentPath);
    }

    [Fact]
    public void AStateThatCannotBeReadChangesNothing()
    {
        Pair pair = New("model", seed: 1);
        Dictionary<string, Tensor> state = pair.StateDict().ToDictionary(entry => entry.Key, entry => Tensor.Full(7f, [.. entry.Value.Shape.Dims]));
        state["norm.weight"] = null!;
        AssertRefused(pair, state, "\"norm.weight\" is null in the state, ");

        using (new Workspace().Open())
            state["norm.weight"] = Tensor.Like(pair.StateDict()["norm.weight"]);
        float[][] before = Values(pair);
        Assert.Throws<InvalidOperationException>(() => pair.LoadStateDict(state));
        Assert.Equal(before, Values(pair));
    }

    [Fact]
    public void RunningAllocatesNothing()
    {
        Nothing module = new(ParameterStore.Random(1).Root / "a" / "b");
        module.Forward();
        Assert.Equal(0, Allocated.ByOne(() =>
        {
            for (int i = 0; i < 100; i++)
                module.Forward();
        }));
    }

    private static Pair New(string name, ulong seed) => new(ParameterStore.Random(seed).Root / name / "pair");

    private static float[][] Values(Module module) => [.. module.Parameters().Select(p => p.Values.ToArray())];

    /// <summary>Refused, with that message, and nothing is changed.</summary>
    private static void AssertRefused(Pair pair, Dictionary<string, Tensor> state, string message, bool strict = true)
    {
        float[][] before = Values(pair);
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => pair.LoadStateDict(state, strict)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Values(pair));
    }

    /// <summary>Two layers and a buffer, which notes the current path before and after its first layer.</summary>
    private sealed class Pair(ParameterScope scope) : Module(scope)
    {
        public Linear First { get; } = new(scope / "first", 3, 3);

        public RmsNorm Norm { get; } = new(scope / "norm", 3);

        public Parameter Mean { get; } = scope.Buffer("mean", [3], Init.Zeros);

        public List<string> Seen { get; } = [];

        public Tensor Forward(Tensor x)
        {
            using var running = Running();
            Seen.Add(CurrentPath);
            Tensor y = First.Forward(x);
            Seen.Add(CurrentPath);
            return Norm.Forward(y);
        }
    }

    private sealed class Nothing(ParameterScope scope) : Module(scope)
    {
        public void Forward()
        {
            using var running = Running();
        }
    }
}
