using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine;

/// <summary>
/// While it is on, every operation of this thread is timed, forward and backward: calls, time, bytes and floating-point
/// operations by the operation's name. <see cref="ToString"/> is a table.
/// </summary>
/// <example><code>using var profiler = Profiler.Start(); ...; Console.WriteLine(profiler);</code></example>
public sealed class Profiler : IDisposable
{
    private const int BackwardFactor = 2;   // a product has two gradients, each a product of the same size

    [ThreadStatic]
    private static Profiler? t_current;

    private readonly Profiler? _outer = t_current;
    private readonly Dictionary<string, ProfilerRow> _rows = [];
    private readonly Stack<Frame> _running = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan? _elapsed;

    private Profiler()
    {
    }

    /// <summary>Time since it was started, or until it was stopped.</summary>
    public TimeSpan Elapsed => _elapsed ?? Stopwatch.GetElapsedTime(_start);

    /// <summary>The operations so far, the longest first.</summary>
    public IReadOnlyList<ProfilerRow> Rows => [.. _rows.Values.OrderByDescending(row => row.Time)];

    /// <summary>Switches it on until it is disposed.</summary>
    public static Profiler Start() => t_current = new Profiler();

    /// <summary>Stops it; its rows stay.</summary>
    public void Dispose()
    {
        _elapsed ??= Stopwatch.GetElapsedTime(_start);
        if (t_current == this)
            t_current = _outer;
    }

    /// <summary>The table: calls, time, share of all time, bytes, speeds, and the share of what this machine was measured to do.</summary>
    public override string ToString() => ProfilerTable.Format(Rows, Elapsed, MachinePeak.Current);

    /// <summary>Times an operation until the scope is disposed. The time of operations that it calls is theirs, not its own.</summary>
    /// <param name="flops">Floating-point operations that it has to do, a multiply-add counted as two; 0 where memory is what takes time.</param>
    /// <param name="bytes">Bytes it moves beside the inputs and the result that <see cref="Tape.Record"/> counts.</param>
    /// <param name="op">Its name; the method that calls.</param>
    public static Timing Time(long flops = 0, long bytes = 0, [CallerMemberName] string op = "") =>
        t_current is { } profiler ? profiler.Enter(op, new OpCost(flops, bytes)) : default;

    /// <summary>The cost of the operation that is running, for its backward pass.</summary>
    internal static OpCost CurrentCost => t_current is { _running.Count: > 0 } profiler ? profiler._running.Peek().Cost : default;

    /// <summary>Counts the bytes of an operation's inputs and result.</summary>
    internal static void CountBytes(Tensor y, ReadOnlySpan<Tensor> inputs)
    {
        if (t_current is not { _running.Count: > 0 } profiler)
            return;
        long floats = y.Count;
        foreach (Tensor input in inputs)
            floats += input.Count;
        Frame frame = profiler._running.Pop();
        profiler._running.Push(frame with { Cost = frame.Cost with { Bytes = frame.Cost.Bytes + floats * sizeof(float) } });
    }

    /// <summary>Times the backward pass of an operation. It reads what the forward pass read, and reads and writes a gradient for each.</summary>
    internal static Timing TimeBackward(TapeNode node) => t_current is { } profiler
        ? profiler.Enter($"{node.Op} backward", new OpCost(BackwardFactor * node.Cost.Flops, BackwardFactor * node.Cost.Bytes))
        : default;

    private Timing Enter(string op, OpCost cost)
    {
        _running.Push(new Frame(op, cost, Stopwatch.GetTimestamp(), TimeSpan.Zero));
        return new Timing(this);
    }

    private void Leave()
    {
        Frame frame = _running.Pop();
        TimeSpan total = Stopwatch.GetElapsedTime(frame.Start);
        if (_running.TryPop(out Frame caller))
            _running.Push(caller with { Inner = caller.Inner + total });
        ProfilerRow row = _rows.GetValueOrDefault(frame.Op, new ProfilerRow(frame.Op, 0, TimeSpan.Zero, 0, 0));
        _rows[frame.Op] = row with
        {
            Calls = row.Calls + 1,
            Time = row.Time + total - frame.Inner,
            Flops = row.Flops + frame.Cost.Flops,
            Bytes = row.Bytes + frame.Cost.Bytes,
        };
    }

    /// <summary>An operation that is running.</summary>
    private readonly record struct Frame(string Op, OpCost Cost, long Start, TimeSpan Inner);

    /// <summary>The time in which an operation runs.</summary>
    public readonly struct Timing : IDisposable
    {
        private readonly Profiler? _profiler;

        internal Timing(Profiler profiler) => _profiler = profiler;

        /// <summary>The operation is over.</summary>
        public void Dispose() => _profiler?.Leave();
    }
}

/// <summary>What one operation took.</summary>
/// <param name="Op">Its name, with "backward" for the backward pass.</param>
/// <param name="Calls">How often it ran.</param>
/// <param name="Time">Time in it, without that of operations that it called.</param>
/// <param name="Flops">Floating-point operations; 0 where memory is what takes time.</param>
/// <param name="Bytes">Bytes of inputs and results, each counted once.</param>
public sealed record ProfilerRow(string Op, long Calls, TimeSpan Time, long Flops, long Bytes)
{
    /// <summary>Billions of floating-point operations in a second; 0 where none are counted.</summary>
    public double GFlopsPerSecond => Flops / Time.TotalSeconds / 1e9;

    /// <summary>Billions of bytes in a second.</summary>
    public double GBytesPerSecond => Bytes / Time.TotalSeconds / 1e9;
}
