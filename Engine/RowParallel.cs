using System.Globalization;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// The only threads of tensor work. Rows are cut into pieces by their number alone, never by the number of threads, and
/// sums over pieces are added in order: results have the same bits for any <see cref="Threads"/>.
/// </summary>
public static class RowParallel
{
    /// <summary>Name of the environment variable that caps the number of threads.</summary>
    public const string ThreadsVariable = "SPIKE_THREADS";

    // Waking a thread takes longer than a few light pieces; a thread that is still spinning takes its share from two on.
    private const int LightPiecesWorthWaking = 4;

    private static readonly object s_gate = new();
    private static WorkerPool? s_pool;
    private static int s_poolThreads = 1;
    private static volatile int s_threads;   // 0 until somebody asks

    [ThreadStatic]
    private static bool t_inside;

    /// <summary>Body of a parallel loop over the rows [start, end).</summary>
    public delegate void Body<in TState>(TState state, int start, int end);

    /// <summary>Body of a parallel loop that also adds to a partial sum of its own.</summary>
    public delegate void SummingBody<in TState>(TState state, int start, int end, Span<float> partial);

    /// <summary>Threads in use, at least 1; starts as SPIKE_THREADS or the number of processors.</summary>
    /// <exception cref="ArgumentException">SPIKE_THREADS is not a whole number from 1 on.</exception>
    public static int Threads
    {
        get => s_threads > 0 ? s_threads : s_threads = FromEnvironment() ?? Environment.ProcessorCount;
        set
        {
            // Takes effect with the next loop; a loop that is running keeps its threads.
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            s_threads = value;
        }
    }

    /// <summary>Calls <paramref name="body"/> for pieces of <paramref name="grain"/> rows (the last may be smaller).</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="grain">Rows in a piece; choose it so that a piece takes at least some microseconds.</param>
    /// <param name="state">Passed on; keeps the body free of captures.</param>
    /// <param name="body">A static lambda; pieces may run in any order and at the same time.</param>
    /// <param name="heavy">
    /// Whether a piece takes longer than waking a thread, some 30 µs: then threads are woken for two pieces, else for four.
    /// </param>
    public static void For<TState>(int rows, int grain, TState state, Body<TState> body, bool heavy = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(grain);
        ArgumentNullException.ThrowIfNull(body);
        int pieces = (rows + grain - 1) / grain;

        // A loop inside a loop, or one that another thread is busy with, runs here and now: same pieces, same bits.
        if (pieces > 1 && Threads > 1 && !t_inside && Monitor.TryEnter(s_gate))
        {
            try
            {
                WorkerPool pool = Pool();
                if (heavy || pieces >= LightPiecesWorthWaking || !pool.IsAsleep)
                {
                    RowJob<TState>.Shared.Run(pool, rows, grain, pieces, state, body);
                    return;
                }
            }
            finally
            {
                Monitor.Exit(s_gate);
            }
        }

        for (int start = 0; start < rows; start += grain)
            body(state, start, Math.Min(start + grain, rows));
    }

    /// <summary>As <see cref="For"/>, and adds the pieces' partial sums, in order, to <paramref name="sum"/>.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="grain">Rows in a piece.</param>
    /// <param name="sum">Accumulated; empty when nobody asked, and then the body gets an empty span.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="body">A static lambda; its partial sum starts at zero.</param>
    /// <param name="heavy">As for <see cref="For"/>.</param>
    public static void ForWithSum<TState>(int rows, int grain, Span<float> sum, TState state, SummingBody<TState> body, bool heavy = false)
    {
        int length = sum.Length;
        int pieces = (rows + grain - 1) / grain;
        Memory<float> partials = Workspace.Rent(pieces * length);
        partials.Span.Clear();
        For(rows, grain, (state, body, partials, grain, length), static (s, start, end) =>
            s.body(s.state, start, end, s.partials.Span.Slice(start / s.grain * s.length, s.length)), heavy);
        for (int piece = 0; length > 0 && piece < pieces; piece++)
            Simd.Run(new AddScaled { X = partials.Span.Slice(piece * length, length), Y = sum });
    }

    private static WorkerPool Pool()
    {
        int threads = Threads;
        if (s_pool is null || s_poolThreads != threads)
        {
            s_pool?.Stop();
            s_pool = new WorkerPool(threads - 1);
            s_poolThreads = threads;
        }

        return s_pool;
    }

    private static int? FromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(ThreadsVariable);
        if (string.IsNullOrEmpty(text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads > 0
            ? threads
            : throw new ArgumentException($"{ThreadsVariable} is \"{text}\"; it must be a whole number from 1 on.");
    }

    /// <summary>The job of all loops with one type of state: only one loop at a time holds the gate, so one object is enough.</summary>
    private sealed class RowJob<TState> : WorkerPool.Job
    {
        public static readonly RowJob<TState> Shared = new();

        private int _rows;
        private int _grain;
        private TState _state = default!;
        private Body<TState> _body = null!;

        public void Run(WorkerPool pool, int rows, int grain, int pieces, TState state, Body<TState> body)
        {
            (_rows, _grain, _state, _body) = (rows, grain, state, body);
            t_inside = true;
            try
            {
                pool.Run(this, pieces);
            }
            finally
            {
                t_inside = false;
                (_state, _body) = (default!, null!);
            }
        }

        protected override void RunPiece(int piece)
        {
            bool outer = t_inside;
            t_inside = true;
            try
            {
                _body(_state, piece * _grain, Math.Min((piece + 1) * _grain, _rows));
            }
            finally
            {
                t_inside = outer;
            }
        }
    }
}
