using System.Text;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>Tables in Markdown.</summary>
internal static class MarkdownTable
{
    /// <summary>One line for each row; the last <paramref name="numbers"/> columns stand to the right.</summary>
    public static string Format(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows, int numbers)
    {
        StringBuilder text = new();
        AppendLine(header);
        AppendLine([.. header.Select((_, column) => column < header.Count - numbers ? "---" : "--:")]);
        foreach (IReadOnlyList<string> row in rows)
            AppendLine(row);
        return text.ToString();

        void AppendLine(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }
}
