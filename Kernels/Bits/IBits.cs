namespace SpikeEngine.Kernels;

/// <summary>A register of bits, each a number of 0 or 1 of its own: as many additions at once as it has bits.</summary>
/// <typeparam name="TSelf">The register.</typeparam>
public interface IBits<TSelf>
    where TSelf : unmanaged, IBits<TSelf>
{
    /// <summary>Words of 64 bits in a register: 8, 4, 2 or 1.</summary>
    static abstract int Words { get; }

    /// <summary>No bit.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Every bit.</summary>
    static abstract TSelf All { get; }

    /// <summary>Reads <see cref="Words"/> words from <paramref name="index"/> on; bounds are asserted in Debug only.</summary>
    static abstract TSelf Load(ReadOnlySpan<ulong> source, int index);

    /// <summary>Writes <see cref="Words"/> words from <paramref name="index"/> on; bounds are asserted in Debug only.</summary>
    static abstract void Store(TSelf value, Span<ulong> destination, int index);

    /// <summary>Bits of both.</summary>
    static abstract TSelf operator &(TSelf a, TSelf b);

    /// <summary>Bits of either.</summary>
    static abstract TSelf operator |(TSelf a, TSelf b);

    /// <summary>Bits of one but not of the other.</summary>
    static abstract TSelf operator ^(TSelf a, TSelf b);

    /// <summary>Bits of a that are not of b.</summary>
    static abstract TSelf AndNot(TSelf a, TSelf b);

    /// <summary>a | (b &amp; c)</summary>
    static virtual TSelf OrAnd(TSelf a, TSelf b, TSelf c) => a | (b & c);

    /// <summary>The sum of three bits, its lower digit.</summary>
    static virtual TSelf Sum(TSelf a, TSelf b, TSelf c) => a ^ b ^ c;

    /// <summary>The sum of three bits, its upper digit.</summary>
    static virtual TSelf Carry(TSelf a, TSelf b, TSelf c) => (a & b) | (c & (a | b));
}

/// <summary>A kernel on bits: its properties are its arguments, <see cref="Run{B}"/> is its body at one register width.</summary>
public interface IBitKernel
{
    /// <summary>Runs the kernel with registers of type <typeparamref name="B"/>.</summary>
    void Run<B>()
        where B : unmanaged, IBits<B>;
}
