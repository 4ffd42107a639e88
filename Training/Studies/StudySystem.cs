namespace SpikeEngine.Training.Studies;

/// <summary>A published system that can be studied.</summary>
public enum StudySystem
{
    /// <summary>SpikingMamba: Mamba2 distilled into a spiking one.</summary>
    SpikingMamba,

    /// <summary>BiSpikCLM: a transformer distilled into a binary spiking one.</summary>
    BiSpikClm,
}
