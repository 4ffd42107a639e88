namespace SpikeEngine.Model.Energy;

/// <summary>Which parts of the model are counted.</summary>
public enum EnergyScope
{
    /// <summary>The projections of every layer: in_proj and out_proj; of a transformer those of attention, fc1 and fc2.</summary>
    Projections,

    /// <summary>Projections, convolution and scan, or projections, attention and norms: the headline, since the head depends on the vocabulary and not on the method.</summary>
    Block,

    /// <summary>Block and lm_head; of a transformer the factor of its embedding and its last norm too.</summary>
    Model,
}

/// <summary>A part of a model whose operations are counted. Gates and the residual are not, and norms only of transformers.</summary>
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

    /// <summary>A transformer's norms in a block.</summary>
    Norms,

    /// <summary>q_proj, k_proj and v_proj, and the neurons in front of them.</summary>
    QkvProj,

    /// <summary>Q Kᵀ, and the neurons of queries, keys and the map.</summary>
    Scores,

    /// <summary>A V, and the neurons of the values.</summary>
    Mixing,

    /// <summary>Attention's out_proj, and the neurons behind it.</summary>
    AttentionOutProj,

    /// <summary>fc1, and the neurons in front of it.</summary>
    Fc1,

    /// <summary>fc2, and the neurons in front of it and behind it.</summary>
    Fc2,

    /// <summary>A factor or a projection of a transformer's embedding.</summary>
    Embedding,

    /// <summary>A transformer's last norm.</summary>
    FinalNorm,
}

/// <summary>The figures of one part of one layer.</summary>
/// <param name="Layer">The layer; null for what is no layer's.</param>
/// <param name="Part">The part.</param>
/// <param name="Figures">What it takes for a token.</param>
public sealed record EnergyRow(int? Layer, EnergyPart Part, EnergyFigures Figures);
