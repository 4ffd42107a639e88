using System.Globalization;

namespace SpikeEngine.Benchmarks.Operations;

/// <summary>
/// A table of every operation's speed against what the machine was measured to do in the same run: where the next weak spot is.
/// Medians of several rounds, after a warm-up that lets the compiler settle.
/// </summary>
internal static class OpSpeeds
{
    private const int Rounds = 15;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(400);

    /// <summary>Measures and prints, as a table that Markdown understands.</summary>
    public static void Print(IReadOnlyList<OpCase> cases)
    {
        MachinePeak peak = MachinePeak.Measure();
        Console.WriteLine(Invariant(
            $"{peak.Threads} thread(s): peak {peak.GFlopsPerSecond:F0} GFLOP/s, memory {peak.ReadGBytesPerSecond:F1} GB/s; medians of {Rounds}"));
        Console.WriteLine();
        Console.WriteLine("| op | sizes | forward ms (min to max) | speed | of peak | backward ms (min to max) | speed | of peak |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|");
        foreach (OpCase each in cases)
        {
            (Direction forward, Direction backward) = Measure(each);
            Console.WriteLine($"| {each.Name} | {each.Sizes} | {forward.Format(peak)} | {backward.Format(peak)} |");
        }
    }

    private static (Direction Forward, Direction Backward) Measure(OpCase each)
    {
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < s_warmUp.TotalMilliseconds;)
            each.Run();
        Direction forward = new(), backward = new();
        for (int round = 0; round < Rounds; round++)
        {
            using Profiler profiler = Profiler.Start();
            each.Run();
            ILookup<bool, ProfilerRow> rows = profiler.Rows.ToLookup(row => row.Op.EndsWith("backward", StringComparison.Ordinal));
            forward.Add(rows[false]);
            backward.Add(rows[true]);
        }

        return (forward, backward);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Times of one direction.</summary>
    private sealed class Direction
    {
        private readonly List<double> _seconds = [];
        private double _flops;
        private double _bytes;

        public void Add(IEnumerable<ProfilerRow> rows)
        {
            _seconds.Add(rows.Sum(row => row.Time.TotalSeconds));
            (_flops, _bytes) = (rows.Sum(row => row.Flops), rows.Sum(row => row.Bytes));
        }

        public string Format(MachinePeak peak)
        {
            _seconds.Sort();
            double median = _seconds[Rounds / 2];
            if (median == 0)
                return " | | ";
            string time = Invariant($"{1e3 * median:F3} ({1e3 * _seconds[0]:F3} to {1e3 * _seconds[^1]:F3})");
            return _flops > 0
                ? Invariant($"{time} | {_flops / median / 1e9:F1} GFLOP/s | {100 * _flops / median / 1e9 / peak.GFlopsPerSecond:F0} %")
                : Invariant($"{time} | {_bytes / median / 1e9:F1} GB/s | {100 * _bytes / median / 1e9 / peak.ReadGBytesPerSecond:F0} %");
        }
    }
}
