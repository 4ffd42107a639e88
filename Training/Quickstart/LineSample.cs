using System.Text;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Takes lines evenly out of a text that is longer than a run can use.</summary>
internal static class LineSample
{
    /// <summary>All lines when they have at most <paramref name="bytes"/> bytes; otherwise lines at even distances, about as many bytes.</summary>
    public static IReadOnlyList<string> Evenly(IReadOnlyList<string> lines, long bytes)
    {
        long all = lines.Sum(l => (long)Encoding.UTF8.GetByteCount(l));
        if (all <= bytes)
            return lines;

        int count = (int)Math.Max(1, (double)lines.Count * bytes / all);
        return [.. Enumerable.Range(0, count).Select(i => lines[(int)((long)i * lines.Count / count)])];
    }
}
