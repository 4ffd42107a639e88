namespace SpikeEngine.Model.Checkpoints;

/// <summary>Ways in which published models lie in a folder.</summary>
public enum CheckpointLayout
{
    /// <summary>Hugging Face's names and <c>config.json</c>, weights in safetensors.</summary>
    HuggingFace,

    /// <summary>state-spaces' names and <c>config.json</c>, weights in <c>pytorch_model.bin</c>.</summary>
    StateSpaces,
}
