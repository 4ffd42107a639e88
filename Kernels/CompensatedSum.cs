namespace SpikeEngine.Kernels;

/// <summary>
/// A running sum and what rounding has taken from it, which goes in with the next element (Kahan's sum, with Knuth's two-sum
/// so that elements may be larger than the sum). The error does not grow with the number of elements.
/// </summary>
internal struct CompensatedSum<L>
    where L : struct, ILanes<L>
{
    private L _sum;
    private L _rest;

    /// <summary>A sum that goes on where <see cref="Store"/> has left it.</summary>
    public static CompensatedSum<L> Load(ReadOnlySpan<float> sums, ReadOnlySpan<float> rests, int index) =>
        new() { _sum = L.Load(sums, index), _rest = L.Load(rests, index) };

    /// <summary>The sum.</summary>
    public readonly L Value => _sum + _rest;

    /// <summary>Adds to every lane.</summary>
    public void Add(L x)
    {
        L y = x + _rest, sum = _sum + y, part = sum - _sum;
        L rest = (_sum - (sum - part)) + (y - part);

        // An infinite sum has lost nothing: its remainder, which is not a number, must not spoil it.
        _rest = L.Select(L.LessThan(L.Abs(rest), L.Splat(float.PositiveInfinity)), rest, L.Zero);
        _sum = sum;
    }

    /// <summary>Keeps both parts.</summary>
    public readonly void Store(Span<float> sums, Span<float> rests, int index)
    {
        L.Store(_sum, sums, index);
        L.Store(_rest, rests, index);
    }
}
