namespace SpikeEngine.Model.Energy;

/// <summary>Which parts of the model are counted.</summary>
public enum EnergyScope
{
    /// <summary>in_proj and out_proj of every layer.</summary>
    Projections,

    /// <summary>Projections, convolution and scan: the headline, since the head depends on the vocabulary and not on the method.</summary>
    Block,

    /// <summary>Block and lm_head.</summary>
    Model,
}

/// <summary>A part of a model whose operations are counted. Norms, gates and the residual are not.</summary>
public enum EnergyPart
{
    /// <summary>in_proj and the neurons in front of it.</summary>
    InProj,

    /// <summary>The convolution.</summary>
    Conv1d,

    /// <summary>The selective scan, one step of the recurrence.</summary>
    Scan,

    /// <summary>out_proj and the neurons in front of it.</summary>
    OutProj,

    /// <summary>lm_head.</summary>
    Head,
}

/// <summary>The figures of one part of one layer.</summary>
/// <param name="Layer">The layer; null for the head.</param>
/// <param name="Part">The part.</param>
/// <param name="Figures">What it takes for a token.</param>
public sealed record EnergyRow(int? Layer, EnergyPart Part, EnergyFigures Figures);
