using System.Globalization;
using System.Text;

namespace SpikeEngine;

/// <summary>A profile as text: one line an operation, aligned.</summary>
internal static class ProfilerTable
{
    private static readonly string[] s_heads = ["op", "calls", "ms", "share", "µs/call", "MB", "GB/s", "GFLOP/s", "of peak"];

    /// <summary>The table; the last column is the share of the arithmetic peak, or of the read bandwidth where no operations are counted.</summary>
    public static string Format(IReadOnlyList<ProfilerRow> rows, TimeSpan elapsed, MachinePeak peak)
    {
        List<string[]> lines = [s_heads, .. rows.Select(row => Line(row, elapsed, peak))];
        int[] widths = [.. s_heads.Select((_, column) => lines.Max(line => line[column].Length))];
        StringBuilder text = new();
        foreach (string[] line in lines)
        {
            for (int column = 0; column < line.Length; column++)
                text.Append(column == 0 ? line[column].PadRight(widths[column]) : "  " + line[column].PadLeft(widths[column]));
            text.AppendLine();
        }

        TimeSpan inside = TimeSpan.FromTicks(rows.Sum(row => row.Time.Ticks));
        return text.Append(Invariant(
            $"{Milliseconds(inside)} ms in operations, {Milliseconds(elapsed)} ms in all; {peak.Threads} thread(s), ")).Append(Invariant(
            $"peak {peak.GFlopsPerSecond:F0} GFLOP/s, memory {peak.ReadGBytesPerSecond:F0} GB/s (over 100 %: from a cache)")).ToString();
    }

    private static string[] Line(ProfilerRow row, TimeSpan elapsed, MachinePeak peak) =>
    [
        row.Op,
        Invariant($"{row.Calls}"),
        Milliseconds(row.Time),
        Invariant($"{100 * (row.Time / elapsed):F1} %"),
        Invariant($"{row.Time.TotalMicroseconds / row.Calls:F1}"),
        Invariant($"{row.Bytes / 1e6:F1}"),
        Invariant($"{row.GBytesPerSecond:F1}"),
        row.Flops > 0 ? Invariant($"{row.GFlopsPerSecond:F1}") : "",
        Invariant($"{100 * OfPeak(row, peak):F0} %"),
    ];

    private static double OfPeak(ProfilerRow row, MachinePeak peak) => row.Flops > 0
        ? row.GFlopsPerSecond / peak.GFlopsPerSecond
        : row.GBytesPerSecond / peak.ReadGBytesPerSecond;

    private static string Milliseconds(TimeSpan time) => Invariant($"{time.TotalMilliseconds:F2}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
