using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>A register of one float that counts its arithmetic: it turns "additions only" from a comment into a test.</summary>
public readonly struct CountingLanes : ILanes<CountingLanes>
{
    [ThreadStatic]
    private static long t_adds;

    [ThreadStatic]
    private static long t_multiplies;

    private readonly float _value;

    private CountingLanes(float value) => _value = value;

    static int ILanes<CountingLanes>.Count => 1;

    public static CountingLanes Zero => new(0f);

    public static CountingLanes One => new(1f);

    /// <summary>Additions (with subtractions) and multiplications (with divisions) of a kernel; a multiply-add is one of each.</summary>
    public static (long Adds, long Multiplies) Count<TKernel>(TKernel kernel)
        where TKernel : struct, ISimdKernel, allows ref struct
    {
        (t_adds, t_multiplies) = (0, 0);
        kernel.Run<CountingLanes>();
        return (t_adds, t_multiplies);
    }

    public static CountingLanes Splat(float value) => new(value);

    public static CountingLanes Load(ReadOnlySpan<float> source, int index) => new(source[index]);

    public static void Store(CountingLanes value, Span<float> destination, int index) => destination[index] = value._value;

    public static CountingLanes MulAdd(CountingLanes a, CountingLanes b, CountingLanes c) => a * b + c;

    public static CountingLanes Min(CountingLanes a, CountingLanes b) => new(a._value < b._value ? a._value : b._value);

    public static CountingLanes Max(CountingLanes a, CountingLanes b) => new(a._value > b._value ? a._value : b._value);

    public static CountingLanes Abs(CountingLanes x) => new(MathF.Abs(x._value));

    public static CountingLanes Sqrt(CountingLanes x) => new(MathF.Sqrt(x._value));

    public static CountingLanes Round(CountingLanes x) => new(MathF.Round(x._value));

    public static CountingLanes Pow2(CountingLanes n) => new(MathF.ScaleB(1f, (int)n._value));

    public static CountingLanes TimesPow2(CountingLanes x, CountingLanes n) => new(MathF.ScaleB(x._value, (int)n._value));

    public static CountingLanes Exponent(CountingLanes x) => new(MathF.ILogB(x._value));

    public static CountingLanes Mantissa(CountingLanes x) => new(MathF.ScaleB(x._value, -MathF.ILogB(x._value)));

    public static CountingLanes LessThan(CountingLanes a, CountingLanes b) => new(a._value < b._value ? 1f : 0f);

    public static CountingLanes Equal(CountingLanes a, CountingLanes b) => new(a._value == b._value ? 1f : 0f);

    public static uint Bits(CountingLanes mask) => mask._value != 0f ? 1u : 0u;

    public static CountingLanes MaskOf(uint bits) => new((bits & 1) != 0 ? 1f : 0f);

    public static CountingLanes Select(CountingLanes mask, CountingLanes a, CountingLanes b) => mask._value != 0f ? a : b;

    public static float Sum(CountingLanes x) => x._value;

    public static float MaxOf(CountingLanes x) => x._value;

    public static CountingLanes operator +(CountingLanes a, CountingLanes b)
    {
        t_adds++;
        return new CountingLanes(a._value + b._value);
    }

    public static CountingLanes operator -(CountingLanes a, CountingLanes b)
    {
        t_adds++;
        return new CountingLanes(a._value - b._value);
    }

    public static CountingLanes operator *(CountingLanes a, CountingLanes b)
    {
        t_multiplies++;
        return new CountingLanes(a._value * b._value);
    }

    public static CountingLanes operator /(CountingLanes a, CountingLanes b)
    {
        t_multiplies++;
        return new CountingLanes(a._value / b._value);
    }

    public static CountingLanes operator -(CountingLanes x) => new(-x._value);
}
