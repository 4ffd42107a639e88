namespace SpikeEngine.Model.Decoding;

/// <summary>Copies of a trained model's parameters, so that training can go on without changing them.</summary>
internal sealed class ModelWeights(ParameterStore parameters) : IDecoderWeights
{
    /// <inheritdoc/>
    public StoredTensor Matrix(string name, int outputs, int inputs, StorageType? type) =>
        StoredTensor.From(Find(name, [outputs, inputs]), type ?? StorageType.Float32);

    /// <inheritdoc/>
    public Tensor Small(string name, params ReadOnlySpan<int> dims) => new(new Shape(dims), Find(name, dims).ToArray());

    private Parameter Find(string name, ReadOnlySpan<int> dims)
    {
        Parameter parameter = parameters[name];
        return parameter.Shape == new Shape(dims)
            ? parameter
            : throw new ArgumentException($"{name} is {parameter.Shape} in the model, {new Shape(dims)} by its configuration.");
    }
}
