namespace SpikeEngine.Kernels;

/// <summary>Cuts a scratch span into named pieces.</summary>
internal ref struct ScratchCutter(Span<float> scratch)
{
    private Span<float> _rest = scratch;

    /// <summary>Whatever is left.</summary>
    public readonly Span<float> Rest => _rest;

    /// <summary>The next <paramref name="length"/> floats; contents are undefined.</summary>
    public Span<float> Take(int length)
    {
        Span<float> piece = _rest[..length];
        _rest = _rest[length..];
        return piece;
    }
}
