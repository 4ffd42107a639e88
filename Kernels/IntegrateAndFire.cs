using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Integrate-and-fire neurons over T steps, from an empty membrane (SNN2ANN, arXiv 2206.09449):  m = drop(v) + I;  s = 1 where m > V_th, strictly, else 0;
/// hard reset v = (1 - s) m, soft v = m - s V_th. Nothing is multiplied but by what drops.
/// </summary>
public readonly ref struct IntegrateAndFire : ISimdKernel
{
    private const int Chunk = 512;   // neurons whose membranes stay in the first-level cache over all steps

    /// <summary>T</summary>
    public required int Steps { get; init; }

    /// <summary>I of the first step from the first neuron on; those of the next are <see cref="CurrentStride"/> later.</summary>
    public required ReadOnlySpan<float> Current { get; init; }

    /// <summary>Floats from one step to the next; 0 for a current that stays.</summary>
    public required int CurrentStride { get; init; }

    /// <summary>[n]: V_th of each neuron.</summary>
    public required ReadOnlySpan<float> Threshold { get; init; }

    /// <summary>Whether a spike takes the threshold away, and not everything.</summary>
    public required bool IsSoft { get; init; }

    /// <summary>[T]: what is dropped of the membranes in front of each step; empty for nothing.</summary>
    public ReadOnlySpan<DropoutMask> Masks { get; init; }

    /// <summary>Number of the first neuron in the masks, even.</summary>
    public int FirstInMasks { get; init; }

    /// <summary>Factor of what is not dropped.</summary>
    public float Scale { get; init; }

    /// <summary>Spikes, as <see cref="Current"/>; empty when only their number is wanted.</summary>
    public required Span<float> Spikes { get; init; }

    /// <summary>Floats from one step of the spikes to the next.</summary>
    public required int SpikeStride { get; init; }

    /// <summary>[n]: overwritten with the number of spikes.</summary>
    public required Span<float> Counts { get; init; }

    /// <inheritdoc/>
    [SkipLocalsInit]   // written before they are read
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Threshold.Length == Counts.Length && (Masks.IsEmpty || Masks.Length == Steps));
        Span<float> membranes = stackalloc float[Chunk], factors = stackalloc float[Chunk];
        for (int start = 0; start < Counts.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, Counts.Length - start);
            for (int step = 0; step < Steps; step++)
            {
                bool drops = step > 0 && !Masks.IsEmpty;
                if (drops)
                    Masks[step].Fill(FirstInMasks + start, Scale, factors[..count]);
                Step<Lanes1>(start, count, step, drops, membranes, factors, Step<L>(start, count, step, drops, membranes, factors, 0));
            }
        }
    }

    private int Step<L>(int start, int count, int step, bool drops, Span<float> membranes, ReadOnlySpan<float> factors, int i)
        where L : struct, ILanes<L>
    {
        bool isSoft = IsSoft, isFirst = step == 0;
        ReadOnlySpan<float> current = Current.Slice(step * CurrentStride + start, count), thresholds = Threshold.Slice(start, count);
        Span<float> spikes = Spikes.IsEmpty ? [] : Spikes.Slice(step * SpikeStride + start, count), counts = Counts.Slice(start, count);
        for (; i <= count - L.Count; i += L.Count)
        {
            L m = L.Load(current, i), threshold = L.Load(thresholds, i), before = L.Zero;
            if (!isFirst)
            {
                L v = L.Load(membranes, i);
                m += drops ? v * L.Load(factors, i) : v;
                before = L.Load(counts, i);
            }

            L fires = L.LessThan(threshold, m), s = L.Select(fires, L.One, L.Zero);
            L.Store(L.Select(fires, isSoft ? m - threshold : L.Zero, m), membranes, i);
            L.Store(before + s, counts, i);
            if (!spikes.IsEmpty)
                L.Store(s, spikes, i);
        }

        return i;
    }
}
