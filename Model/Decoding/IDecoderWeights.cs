namespace SpikeEngine.Model.Decoding;

/// <summary>Where the weights of a decoder come from, by the names of the Hugging Face checkpoints.</summary>
internal interface IDecoderWeights
{
    /// <summary>A matrix [outputs, inputs], kept in a storage type.</summary>
    /// <param name="name">As in <c>backbone.layers.0.mixer.in_proj.weight</c>.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Length of a row.</param>
    /// <param name="type">How to keep it; null for the way it is stored.</param>
    StoredTensor Matrix(string name, int outputs, int inputs, StorageType? type);

    /// <summary>A small tensor in single precision, which no training changes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dims">Its shape.</param>
    Tensor Small(string name, params ReadOnlySpan<int> dims);
}
