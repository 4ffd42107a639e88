namespace SpikeEngine.Kernels;

/// <summary>How a weight is stored: what a kernel needs to read registers of it.</summary>
/// <typeparam name="T">One number as it is stored.</typeparam>
public interface IStoredCode<T>
{
    /// <summary>Reads a register from <paramref name="index"/> on; without the scale, if there is one.</summary>
    static abstract L Load<L>(ReadOnlySpan<T> codes, int index)
        where L : struct, ILanes<L>;
}

/// <summary>Single precision.</summary>
public readonly struct Float32Code : IStoredCode<float>
{
    /// <inheritdoc/>
    public static L Load<L>(ReadOnlySpan<float> codes, int index)
        where L : struct, ILanes<L> => L.Load(codes, index);
}

/// <summary>bfloat16.</summary>
public readonly struct BFloat16Code : IStoredCode<ushort>
{
    /// <inheritdoc/>
    public static L Load<L>(ReadOnlySpan<ushort> codes, int index)
        where L : struct, ILanes<L> => L.LoadBFloat16(codes, index);
}

/// <summary>Half precision.</summary>
public readonly struct Float16Code : IStoredCode<Half>
{
    /// <inheritdoc/>
    public static L Load<L>(ReadOnlySpan<Half> codes, int index)
        where L : struct, ILanes<L> => L.LoadFloat16(codes, index);
}

/// <summary>Signed bytes.</summary>
public readonly struct Int8Code : IStoredCode<sbyte>
{
    /// <inheritdoc/>
    public static L Load<L>(ReadOnlySpan<sbyte> codes, int index)
        where L : struct, ILanes<L> => L.LoadInt8(codes, index);
}
