using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Positions of the spikes, in runs of equal value: level D positive, level D negative, ..., level 1 negative. A whole
/// register is tested for spikes at once and only its active lanes are visited, so silent inputs cost next to nothing.
/// </summary>
internal readonly ref struct SpikeSort : ISimdKernel
{
    /// <summary>[n], whole numbers in [-D, D].</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>[2 D, n]: room to collect every run.</summary>
    public required Span<int> Runs { get; init; }

    /// <summary>[n]; the active positions come first, run after run.</summary>
    public required Span<int> Indices { get; init; }

    /// <summary>[2 D]: where each run ends.</summary>
    public required Span<int> Ends { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int n = Spikes.Length, start = 0;
        Debug.Assert(Indices.Length >= n && Runs.Length >= n * Ends.Length);
        Ends.Clear();
        Collect<Lanes1>(Collect<L>(0));
        for (int run = 0; run < Ends.Length; run++)
        {
            int count = Ends[run];
            Runs.Slice(run * n, count).CopyTo(Indices[start..]);
            Ends[run] = start += count;
        }
    }

    /// <summary>Appends each active position to its run; <see cref="Ends"/> counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Collect<L>(int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> spikes = Spikes;
        Span<int> runs = Runs, ends = Ends;
        int levels = ends.Length / 2, n = spikes.Length;
        L half = L.Splat(0.5f);
        for (; i <= n - L.Count; i += L.Count)
        {
            for (uint bits = L.Bits(L.LessThan(half, L.Abs(L.Load(spikes, i)))); bits != 0; bits &= bits - 1)
            {
                int position = i + BitOperations.TrailingZeroCount(bits), spike = (int)spikes[position];
                int run = 2 * (levels - Math.Abs(spike)) + (spike >>> 31);
                runs[run * n + ends[run]++] = position;
            }
        }

        return i;
    }
}
