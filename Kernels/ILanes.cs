namespace SpikeEngine.Kernels;

/// <summary>
/// A register of <see cref="Count"/> floats. Kernels are written once over this interface; the JIT makes one copy for
/// each width, with the operations below as single instructions. Tests add a register that counts its operations.
/// </summary>
/// <typeparam name="TSelf">The register type itself.</typeparam>
public partial interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Number of floats in the register: 16, 8, 4 or 1.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes 0.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>All lanes 1.</summary>
    static abstract TSelf One { get; }

    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract TSelf Splat(float value);

    /// <summary>Reads <see cref="Count"/> floats from <paramref name="index"/> on; bounds are asserted in Debug only.</summary>
    static abstract TSelf Load(ReadOnlySpan<float> source, int index);

    /// <summary>Writes <see cref="Count"/> floats from <paramref name="index"/> on; bounds are asserted in Debug only.</summary>
    static abstract void Store(TSelf value, Span<float> destination, int index);

    /// <summary>a * b + c, fused where the processor does that to whole registers (one rounding instead of two).</summary>
    static abstract TSelf MulAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>sum = a * b + sum, as <see cref="MulAdd"/>; in this form the compiler keeps the sum in its register.</summary>
    static virtual void AddProduct(ref TSelf sum, TSelf a, TSelf b) => sum = TSelf.MulAdd(a, b, sum);

    /// <summary>sum += a register of the source; in this form the compiler adds from memory, without a register and an instruction in between.</summary>
    static virtual void AddFrom(ref TSelf sum, ReadOnlySpan<float> source, int index) => sum += TSelf.Load(source, index);

    /// <summary>sum -= a register of the source, as <see cref="AddFrom"/>.</summary>
    static virtual void SubtractFrom(ref TSelf sum, ReadOnlySpan<float> source, int index) => sum -= TSelf.Load(source, index);

    /// <summary>Smaller of each pair; <paramref name="b"/> when either is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Larger of each pair; <paramref name="b"/> when either is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Absolute value.</summary>
    static abstract TSelf Abs(TSelf x);

    /// <summary>Square root.</summary>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>2^n for integer-valued n in [-126, 127]: n goes straight into the exponent bits.</summary>
    static abstract TSelf Pow2(TSelf n);

    /// <summary>x * 2^n for integer-valued n, where x and the product are normal numbers: n is added to the exponent bits. NaN when both are.</summary>
    static abstract TSelf TimesPow2(TSelf x, TSelf n);

    /// <summary>Exponent e of a positive normal number x = m * 2^e with m in [1, 2), as a float.</summary>
    static abstract TSelf Exponent(TSelf x);

    /// <summary>Mantissa m of a positive normal number x = m * 2^e with m in [1, 2).</summary>
    static abstract TSelf Mantissa(TSelf x);

    /// <summary>Mask of the lanes with a &lt; b; only meant for <see cref="Select"/>.</summary>
    static abstract TSelf LessThan(TSelf a, TSelf b);

    /// <summary>Mask of the lanes with a = b, none where either is NaN; only meant for <see cref="Select"/>.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>The lanes of a mask as bits, the first lane lowest.</summary>
    static abstract uint Bits(TSelf mask);

    /// <summary>The mask whose lanes are these bits, the first lane lowest: what <see cref="Bits"/> gives, turned back.</summary>
    static abstract TSelf MaskOf(uint bits);

    /// <summary>Lanes of <paramref name="a"/> where <paramref name="mask"/> is set, of <paramref name="b"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>Sum over the lanes, pairwise; the order is the register's own.</summary>
    static abstract float Sum(TSelf x);

    /// <summary>Largest lane.</summary>
    static abstract float MaxOf(TSelf x);

    /// <summary>Whether the register is made of others. A formula as long as e^x then goes through <see cref="Apply{TOp}"/>.</summary>
    static virtual bool IsComposed => false;

    /// <summary>The value of an operation without constants, part by part where the register has parts.</summary>
    static virtual TSelf Apply<TOp>(TSelf x)
        where TOp : struct, IUnaryOp => default(TOp).Value(x);

    /// <summary>Sum.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>Difference.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>Product.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>Quotient.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>Negation.</summary>
    static abstract TSelf operator -(TSelf x);
}
