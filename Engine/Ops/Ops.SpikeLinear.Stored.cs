using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = s Wᵀ + bias for integer spikes s and a frozen weight by input. In <see cref="StorageType.Int8"/> both paths compute in whole
    /// numbers and give the same bits; the other types are summed in single precision.
    /// </summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels, as from <see cref="TiLif(Tensor, int, float, float, float)"/>.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="levels">D, at most 127; at most 8 in bytes.</param>
    /// <param name="path">How to compute it.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels].</exception>
    /// <exception cref="InvalidOperationException">A tape is open and an argument wants a gradient: there is none through a frozen weight.</exception>
    public static Tensor SpikeLinear(Tensor spikes, InputMajorWeight weight, Tensor? bias = null, int levels = 4, SpikePath path = SpikePath.Auto)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(weight);
        RequireLevels(levels);
        RequirePath(path);
        if (weight.Type == StorageType.Int8)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MostLevelsInBytes);
        RequireFittingWeight(spikes, weight.Shape, bias);
        RequireNoGradient(spikes, bias);

        // As for a weight that is a tensor; bytes are multiplied by whole numbers only, so there spikes are looked at in any case.
        bool mustCount = weight.Type == StorageType.Int8 || MayAccumulate(weight.Outputs, path);
        CountedSpikes counts = mustCount ? SpikeProduct.Count(spikes, levels) : new CountedSpikes(spikes.Count, HasNegative: true);
        if (path == SpikePath.Auto)
            path = CrossoverProfile.Current.Choose(weight.Type, spikes.Rows, weight.Inputs, weight.Outputs, levels, counts.Active, counts.HasNegative);
        using var timing = Profiler.Time(flops: path == SpikePath.Dense ? 2L * spikes.Count * weight.Outputs : counts.Active * weight.Outputs);
        Tensor y = new(spikes.Shape.WithColumns(weight.Outputs));
        if (spikes.Count == 0)
            StartOf(y, bias, residual: null).CopyTo(y.Values, y.Columns);
        else if (path == SpikePath.Accumulate && IsVector(spikes, weight, levels))
            AccumulateRow(spikes, weight, bias, levels, y);
        else if (path == SpikePath.Accumulate)
            AccumulateRows(spikes, BlocksFor(weight, spikes.Rows, levels, counts), weight, bias, y);
        else if (weight.Type == StorageType.Int8 && !IsVector(spikes, weight, levels))
            Int8Product.Run(spikes, levels, weight, bias, y);
        else
            StoredProduct(spikes, weight, bias, y);
        return y;
    }

    internal const int MostLevelsInBytes = 8;
    private const long ExactSum = 1 << 24;   // whole numbers up to here are floats

    /// <summary>Whether it is one vector, and one that decoding's code can take: sums of bytes have to be exact in single precision as well.</summary>
    private static bool IsVector(Tensor spikes, InputMajorWeight weight, int levels) =>
        spikes.Rows == 1 && spikes.Count <= ushort.MaxValue
        && (weight.Type != StorageType.Int8 || (long)spikes.Count * levels * -sbyte.MinValue <= ExactSum);

    private static void AccumulateRow(Tensor spikes, InputMajorWeight weight, Tensor? bias, int levels, Tensor y)
    {
        // Made once for a thread: a vector has to be counted, not allocated, each time.
        if (t_events is null || t_events.Levels != levels || t_events.Capacity < spikes.Count)
            t_events = new SpikeEvents(spikes.Count, levels);
        t_events.Fire(spikes, threshold: 1f);
        weight.Accumulate(t_events, y.ValueMemory);
        if (bias is not null)
            Simd.Run(new AddScaled { X = bias, Y = y });
    }

    [ThreadStatic]
    private static SpikeEvents? t_events;

    private static void AccumulateRows(Tensor spikes, SpikeBlocks blocks, InputMajorWeight weight, Tensor? bias, Tensor y)
    {
        EncodedSpikes encoded = new(blocks, spikes.ValueMemory, out Workspace.Mark mark);
        SpikeProduct.Run(encoded, weight, bias, y);
        mark.Release();
    }

    private static SpikeBlocks BlocksFor(InputMajorWeight weight, int rows, int levels, CountedSpikes counts)
    {
        var blocks = SpikeBlocks.For(rows, weight.Inputs, levels, counts.Active, counts.HasNegative);
        return weight.Type == StorageType.Int8 ? blocks with { BlockLength = Math.Min(blocks.BlockLength, Int8SpikeMatMul.LongestBlock), TakesSubsets = false } : blocks;
    }

    private static void RequireLevels(int levels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MostLevels);
    }

    private static void RequirePath(SpikePath path)
    {
        if (path is not (SpikePath.Auto or SpikePath.Dense or SpikePath.Accumulate))
            throw new ArgumentOutOfRangeException(nameof(path), path, "There is no such path.");
    }

    private static void RequireNoGradient(params ReadOnlySpan<Tensor?> tensors)
    {
        if (!Tape.IsRecording)
            return;
        foreach (Tensor? tensor in tensors)
        {
            if (tensor is { NeedsGrad: true })
                throw new InvalidOperationException($"There is no gradient of {tensor.Shape} through a frozen weight; use the weight itself while a tape is open.");
        }
    }
}
