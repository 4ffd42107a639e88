using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>
/// A register of 16-bit whole numbers: sums of small integer spikes times bytes, or of bytes alone. Nothing is rounded, so results are the
/// same at every width and in any order, as long as no sum leaves its 16 bits; the caller sees to that.
/// </summary>
/// <typeparam name="TSelf">The register.</typeparam>
public interface IIntegerLanes<TSelf>
    where TSelf : struct, IIntegerLanes<TSelf>
{
    /// <summary>Numbers of 16 bits in a register; twice as many bytes, half as many numbers of 32 bits.</summary>
    static abstract int Count { get; }

    /// <summary>Zeros.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Sum, without a carry to the next lane.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Difference, without a borrow from the next lane.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>sum += a register of the source, added from memory.</summary>
    static abstract void AddFrom(ref TSelf sum, ReadOnlySpan<short> source, int index);

    /// <summary>sum -= a register of the source, subtracted from memory.</summary>
    static abstract void SubtractFrom(ref TSelf sum, ReadOnlySpan<short> source, int index);

    /// <summary>Reads <see cref="Count"/> bytes from <paramref name="index"/> on, as 16-bit numbers.</summary>
    static abstract TSelf Widen(ReadOnlySpan<sbyte> source, int index);

    /// <summary>Writes every lane as a float, <see cref="Count"/> of them.</summary>
    static abstract void StoreFloats(TSelf value, Span<float> destination, int index);

    /// <summary>Writes a register from <paramref name="index"/> on.</summary>
    static abstract void Store(TSelf value, Span<short> destination, int index);

    /// <summary>Four bytes again and again, the first one lowest.</summary>
    static abstract TSelf SplatBytes(uint four);

    /// <summary>Reads <c>2 Count</c> bytes from <paramref name="index"/> on.</summary>
    static abstract TSelf LoadBytes(ReadOnlySpan<sbyte> source, int index);

    /// <summary>The sums of two neighbouring products of bytes.</summary>
    /// <param name="left">Unsigned bytes.</param>
    /// <param name="right">Signed bytes.</param>
    static abstract TSelf MultiplyPairs(TSelf left, TSelf right);

    /// <summary>Reads <see cref="Count"/> numbers from <paramref name="index"/> on.</summary>
    static abstract TSelf Load(ReadOnlySpan<short> source, int index);

    /// <summary>sums += the sums of two neighbouring products; the sums are numbers of 32 bits, half as many, and do not leave them.</summary>
    static abstract void AddProducts(ref TSelf sums, TSelf left, TSelf right);

    /// <summary>The sum of the numbers of 32 bits in a register.</summary>
    static abstract int Sum32(TSelf sums);

    /// <summary>The sums of the numbers of 32 bits in each of four registers.</summary>
    static abstract Vector128<int> Sums32(TSelf a, TSelf b, TSelf c, TSelf d);

    /// <summary>destination[index..] += the sums of neighbouring lanes, <c>Count / 2</c> of them.</summary>
    static abstract void AddPairs(TSelf value, Span<int> destination, int index);

    /// <summary>destination[index..] += every lane, <see cref="Count"/> of them.</summary>
    static abstract void AddWide(TSelf value, Span<int> destination, int index);
}

/// <summary>A kernel on 16-bit whole numbers: its properties are its arguments, <see cref="Run{I}"/> is its body at one register width.</summary>
public interface IIntegerKernel
{
    /// <summary>Runs the kernel with registers of type <typeparamref name="I"/>.</summary>
    void Run<I>()
        where I : struct, IIntegerLanes<I>;
}
