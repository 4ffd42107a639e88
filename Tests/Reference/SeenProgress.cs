namespace SpikeEngine.Tests.Reference;

/// <summary>Keeps what was reported, at once and in order, which <see cref="Progress{T}"/> does not.</summary>
public sealed class SeenProgress<T> : IProgress<T>
{
    public List<T> Values { get; } = [];

    public void Report(T value) => Values.Add(value);
}
