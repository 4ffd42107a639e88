namespace SpikeEngine.Training;

/// <summary>How an optimiser stores its moments. It computes in single precision either way.</summary>
public enum MomentType
{
    /// <summary>Four bytes a number.</summary>
    Float32,

    /// <summary>Two bytes a number, rounded at random so that small changes add up.</summary>
    BFloat16,
}
