namespace SpikeEngine.Training.Distillation;

/// <summary>Where in a block the states of teacher and student are compared.</summary>
public enum HiddenPoint
{
    /// <summary>What the mixer adds to the residual stream, after out_proj.</summary>
    Mixer,

    /// <summary>The residual stream after the block, in front of the norm that follows.</summary>
    PreNorm,

    /// <summary>The same behind the norm that follows: the next block's, or norm_f.</summary>
    PostNorm,
}

/// <summary>How two states are compared.</summary>
public enum HiddenForm
{
    /// <summary>1/2 |softmax(y) - softmax(y')|² (SpikingMamba).</summary>
    Softmax,

    /// <summary>Mean squared difference over the mean square of the teacher's.</summary>
    Mse,
}

/// <summary>The hidden-state term: which blocks, which states, which distance.</summary>
public sealed record HiddenOptions
{
    /// <summary>Whether only the last block counts.</summary>
    public bool LastOnly { get; init; }

    /// <summary>Which states.</summary>
    public HiddenPoint Point { get; init; }

    /// <summary>Which distance.</summary>
    public HiddenForm Form { get; init; }

    /// <summary>What there is to choose from, as settings spell it.</summary>
    internal static IReadOnlyList<(string Name, HiddenPoint Value)> Points { get; } =
        [("mixer", HiddenPoint.Mixer), ("pre_norm", HiddenPoint.PreNorm), ("post_norm", HiddenPoint.PostNorm)];

    /// <summary>What there is to choose from, as settings spell it.</summary>
    internal static IReadOnlyList<(string Name, HiddenForm Value)> Forms { get; } = [("softmax", HiddenForm.Softmax), ("mse", HiddenForm.Mse)];
}
