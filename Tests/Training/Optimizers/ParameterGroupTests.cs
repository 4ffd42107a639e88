using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

public class ParameterGroupTests
{
    private readonly ParameterStore _store = ParameterStore.Random(1);
    private readonly Parameter _first;
    private readonly Parameter _second;
    private readonly Parameter _matrix;

    public ParameterGroupTests()
    {
        _first = _store.Root.Get("layers.0.mixer.A_log", [2], Init.Ones);
        _second = _store.Root.Get("layers.1.mixer.A_log", [2], Init.Ones);
        _matrix = _store.Root.Get("layers.1.mixer.weight", [2], Init.Ones, decays: true);
        _store.Root.Get("head", [2], Init.Ones);
        foreach (Parameter parameter in _store.Parameters)
            parameter.Grad.Fill(3f);
    }

    [Fact]
    public void TheFirstGroupThatMatchesCounts()
    {
        Step(
            new ParameterGroup { Pattern = "layers.?.mixer.A_log", LearningRateFactor = 0.5f, WeightDecay = 2f },
            new ParameterGroup { Pattern = "*.mixer.*", LearningRateFactor = 1f, WeightDecay = 0f },
            new ParameterGroup { Pattern = "*", LearningRateFactor = 100f });

        Assert.Equal(1 - 0.05f - 0.1f, _first.Values[1], 1e-6f);   // a decay of its own, though it is no matrix
        Assert.Equal(_first.Values.ToArray(), _second.Values.ToArray());
        Assert.Equal(1 - 0.1f, _matrix.Values[0], 1e-6f);
    }

    [Fact]
    public void FrozenParametersStayAndHaveNoState()
    {
        AdamW optimizer = Step(new ParameterGroup { Pattern = "layers.1.*", Frozen = true });

        Assert.Equal((true, false, false), (_first.Trainable, _second.Trainable, _matrix.Trainable));
        Assert.Equal([1f, 1f], _matrix.Values.ToArray());
        Assert.Equal(["m.head", "m.layers.0.mixer.A_log", "steps", "v.head", "v.layers.0.mixer.A_log"], SavedState.Of(optimizer).Values.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void APatternThatMatchesNothingIsRefusedWithTheNearestPaths()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Step(new ParameterGroup { Pattern = "layers.0.mixer.a_log" }));
        Assert.Contains("'layers.0.mixer.a_log'; the nearest are 'layers.0.mixer.A_log', 'layers.1.mixer.A_log'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheNearestPathsAreThoseThatAreNearWhateverAStarStandsFor()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Step(new ParameterGroup { Pattern = "*.weigt" }));
        Assert.Contains("'*.weigt'; the nearest are 'layers.1.mixer.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGroupForWhichOthersLeaveNothingIsRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Step(
            new ParameterGroup { Pattern = "layers.*" }, new ParameterGroup { Pattern = "*.A_log", Frozen = true }));
        Assert.Contains("'*.A_log'", error.Message, StringComparison.Ordinal);
        Assert.True(_first.Trainable);
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void ANumberOutOfItsRangeIsRefused(float value)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Step(new ParameterGroup { Pattern = "*", WeightDecay = value }));
        Assert.Contains("WeightDecay of the group '*' is", error.Message, StringComparison.Ordinal);
    }

    private AdamW Step(params ParameterGroup[] groups)
    {
        AdamW optimizer = new(_store, new AdamWOptions(WeightDecay: 0.5f) { Groups = groups });
        optimizer.Step(0.1f);
        return optimizer;
    }
}
