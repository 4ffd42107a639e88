namespace SpikeEngine.Training.Distillation.Spad;

/// <summary>A term of spike-aware alignment distillation.</summary>
public enum SpadTerm
{
    /// <summary>EA: embeddings, squared error.</summary>
    Embedding,

    /// <summary>SAA: attention maps against the teacher's probabilities.</summary>
    Attention,

    /// <summary>SFA: what comes out of the blocks, projected and normed.</summary>
    Features,

    /// <summary>STA: the teacher's distribution of the next token, at a temperature.</summary>
    SoftTargets,

    /// <summary>HTA: the next token itself.</summary>
    HardTargets,
}

/// <summary>Weights of SpAD (BiSpikCLM, section on distillation; values of the paper as third parties report them).</summary>
public sealed record SpadOptions
{
    /// <summary>Weight of EA.</summary>
    public float Embedding { get; init; } = 0.2f;

    /// <summary>Weight of SAA.</summary>
    public float Attention { get; init; } = 0.1f;

    /// <summary>Weight of SFA.</summary>
    public float Features { get; init; } = 0.1f;

    /// <summary>Weight of STA.</summary>
    public float SoftTargets { get; init; } = 0.3f;

    /// <summary>Weight of HTA.</summary>
    public float HardTargets { get; init; } = 0.3f;

    /// <summary>Temperature of the soft targets.</summary>
    public float Temperature { get; init; } = 2f;

    /// <summary>gamma: share of the rate error in SAA and SFA; the rest compares values.</summary>
    public float RateShare { get; init; } = 0.5f;

    /// <summary>Steps between two measurements of each term's gradient norm, which take a pass for each term; 0 for never.</summary>
    public int GradientNormsEvery { get; init; } = 100;

    /// <summary>The weight of a term.</summary>
    public float this[SpadTerm term] => term switch
    {
        SpadTerm.Embedding => Embedding,
        SpadTerm.Attention => Attention,
        SpadTerm.Features => Features,
        SpadTerm.SoftTargets => SoftTargets,
        _ => HardTargets,
    };

    /// <summary>The same with one term alone.</summary>
    internal SpadOptions Only(SpadTerm term) => this with
    {
        Embedding = term == SpadTerm.Embedding ? Embedding : 0f,
        Attention = term == SpadTerm.Attention ? Attention : 0f,
        Features = term == SpadTerm.Features ? Features : 0f,
        SoftTargets = term == SpadTerm.SoftTargets ? SoftTargets : 0f,
        HardTargets = term == SpadTerm.HardTargets ? HardTargets : 0f,
    };

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of its range and why.</summary>
    public void Validate()
    {
        foreach (SpadTerm term in Enum.GetValues<SpadTerm>())
        {
            if (!(this[term] >= 0f && float.IsFinite(this[term])))
                throw new ArgumentException($"{term} is {this[term]}, not a weight from 0 on");
        }

        if (Enum.GetValues<SpadTerm>().All(term => this[term] == 0f))
            throw new ArgumentException("all weights are 0: the loss has no term");
        if (!(Temperature > 0f && float.IsFinite(Temperature)))
            throw new ArgumentException($"{nameof(Temperature)} is {Temperature}, not a positive number");
        if (!(RateShare is >= 0f and <= 1f))
            throw new ArgumentException($"{nameof(RateShare)} is {RateShare}, not from 0 to 1");
        ArgumentOutOfRangeException.ThrowIfNegative(GradientNormsEvery);
    }
}
