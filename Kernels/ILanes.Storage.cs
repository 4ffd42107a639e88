namespace SpikeEngine.Kernels;

// Registers straight from stored weights and back. A register that has no instructions for it goes element by element.
public partial interface ILanes<TSelf>
{
    /// <summary>Reads <see cref="Count"/> bfloat16 from <paramref name="index"/> on, exactly.</summary>
    static virtual TSelf LoadBFloat16(ReadOnlySpan<ushort> source, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = BFloat16Bits.ToSingle(source[index + i]);
        return TSelf.Load(values, 0);
    }

    /// <summary>Writes <see cref="Count"/> bfloat16 from <paramref name="index"/> on: the nearest, ties to even; NaNs quiet.</summary>
    static virtual void StoreBFloat16(TSelf value, Span<ushort> destination, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        TSelf.Store(value, values, 0);
        for (int i = 0; i < values.Length; i++)
            destination[index + i] = BFloat16Bits.FromSingle(values[i]);
    }

    /// <summary>Writes <see cref="Count"/> bfloat16 from <paramref name="index"/> on, rounded by the noise at the same places; NaNs quiet.</summary>
    static virtual void StoreBFloat16(TSelf value, ReadOnlySpan<ushort> noise, Span<ushort> destination, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        TSelf.Store(value, values, 0);
        for (int i = 0; i < values.Length; i++)
            destination[index + i] = StochasticBFloat16.Encode(values[i], noise[index + i]);
    }

    /// <summary>Reads <see cref="Count"/> halves from <paramref name="index"/> on, exactly.</summary>
    static virtual TSelf LoadFloat16(ReadOnlySpan<Half> source, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)source[index + i];
        return TSelf.Load(values, 0);
    }

    /// <summary>Reads <see cref="Count"/> signed bytes from <paramref name="index"/> on.</summary>
    static virtual TSelf LoadInt8(ReadOnlySpan<sbyte> source, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = source[index + i];
        return TSelf.Load(values, 0);
    }

    /// <summary>Writes <see cref="Count"/> whole numbers in [-128, 127] as signed bytes from <paramref name="index"/> on.</summary>
    static virtual void StoreInt8(TSelf value, Span<sbyte> destination, int index)
    {
        Span<float> values = stackalloc float[TSelf.Count];
        TSelf.Store(value, values, 0);
        for (int i = 0; i < values.Length; i++)
            destination[index + i] = (sbyte)values[i];
    }
}
