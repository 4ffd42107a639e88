namespace SpikeEngine.Model.Spiking;

/// <summary>Where in a block spikes are.</summary>
public enum SpikeSite
{
    /// <summary>SpikingMamba: in front of in_proj, after the block's norm.</summary>
    InProj,

    /// <summary>SpikingMamba: in front of out_proj, after the gated norm.</summary>
    OutProj,

    /// <summary>BiSpikCLM: what comes into the block, in front of q_proj, k_proj and v_proj.</summary>
    Attention,

    /// <summary>BiSpikCLM: Q.</summary>
    Query,

    /// <summary>BiSpikCLM: K.</summary>
    Key,

    /// <summary>BiSpikCLM: V.</summary>
    Value,

    /// <summary>BiSpikCLM: the attention map A, of the pairs on and below its diagonal.</summary>
    Map,

    /// <summary>BiSpikCLM: A V in front of attention's out_proj, whole numbers.</summary>
    Mixed,

    /// <summary>BiSpikCLM: the same, their binary digits: as magnitude those that are 1.</summary>
    MixedDigits,

    /// <summary>BiSpikCLM: what attention gives.</summary>
    AttentionOut,

    /// <summary>BiSpikCLM: in front of fc1.</summary>
    Fc1,

    /// <summary>BiSpikCLM: in front of fc2.</summary>
    Fc2,

    /// <summary>BiSpikCLM: what the feed-forward part gives.</summary>
    FeedForwardOut,
}
