using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Reads memory that no cache holds, on all threads in use: to be timed in turns with what memory bounds.</summary>
public sealed class ReadYardstick
{
    private const int FloatsPerThread = 1 << 25;   // 128 MB: several times the largest cache
    private const int PiecesPerThread = 8;
    private const int Grain = FloatsPerThread / PiecesPerThread;

    private readonly Memory<float> _memory = AlignedMemory.Allocate(RowParallel.Threads * FloatsPerThread);
    private readonly float[] _results = new float[RowParallel.Threads * PiecesPerThread];

    /// <summary>Memory that has been written, so that the pages exist.</summary>
    public ReadYardstick() => _memory.Span.Fill(1f);

    /// <summary>Reads all of it once.</summary>
    /// <returns>Bytes read.</returns>
    public double Run()
    {
        RowParallel.For(_memory.Length, Grain, this, static (self, start, end) =>
            Simd.Run(new ReadOnce { X = self._memory.Span[start..end], Result = self._results.AsSpan(start / Grain, 1) }), heavy: true);
        return (double)_memory.Length * sizeof(float);
    }
}
