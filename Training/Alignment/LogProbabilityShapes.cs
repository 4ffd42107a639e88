namespace SpikeEngine.Training.Alignment;

/// <summary>Log-probabilities of the same examples: vectors of one length. Broadcasting would hide a mistake.</summary>
internal static class LogProbabilityShapes
{
    public static void Require(params ReadOnlySpan<(string Name, Tensor Tensor)> vectors)
    {
        (string firstName, Tensor first) = vectors[0];
        foreach ((string name, Tensor tensor) in vectors)
        {
            ArgumentNullException.ThrowIfNull(tensor, name);
            if (tensor.Shape.Rank != 1 || tensor.Count != first.Count)
                throw new ArgumentException($"{name} is {tensor.Shape}, {firstName} is {first.Shape}: vectors of one length are needed.", name);
        }
    }
}
