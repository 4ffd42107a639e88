using System.Globalization;
using System.Text;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>Merged reports as Markdown: the machine card, then a table for each kind of kernel.</summary>
internal static class ResultsDocument
{
    private const string Intro = """
        Each figure is the median over the runs, with the least and the most of them behind it. Measurements took turns with the peak and with
        the dense product that they are held against; products with one vector are held against the reading speed of the same run. An
        operation of a dense product is a multiplication or an addition; one of a spike product is an addition, of which there are
        density x m x k x n (fewer are made for many binary vectors, which share sums of four inputs).

        Made by `dotnet run -c Release --project Benchmarks -- results FILE.json ...` from files of `spike bench ... --json FILE.json`.
        """;

    // In the order of the document; others follow by name.
    private static readonly (string Kernel, string Title, string Unit)[] s_known =
    [
        ("dense", "Dense products", "GFLOP/s"),
        ("dense_packed", "Dense products, weights packed ahead", "GFLOP/s"),
        ("spike", "Spike products", "Gadd/s"),
        ("encode", "Encoding of spikes", "GFLOP/s"),
        ("gemv", "Products with one vector", "GFLOP/s"),
        ("crossover", "Where spikes stop to pay", "GFLOP/s"),
        ("dispatch", "What the choice brings at other sizes", "GFLOP/s"),
        ("dispatch_worst", "What the choice costs at worst", "GFLOP/s"),
    ];

    private static readonly (string Title, Func<MergedRow, string> Cell)[] s_names =
    [
        ("m x k x n", row => row.Key.Shape),
        ("weight", row => row.Key.Weight ?? ""),
        ("of", row => row.Key.Labels),
        ("D", row => Number(row.Key.Levels)),
        ("density", row => row.Key.Percent),
        ("threads", row => Number(row.Key.Threads)),
    ];

    /// <summary>The whole document.</summary>
    public static string Format(BenchResults results)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {results.Machine.Cpu}, {MachineCard.Bits(results.Machine.Lanes)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Intro}\n\n{Card(results)}");
        ILookup<string, MergedRow> kernels = results.Rows.ToLookup(row => row.Key.Kernel);
        foreach (string kernel in kernels.Select(rows => rows.Key).OrderBy(Rank).ThenBy(kernel => kernel, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"\n## {Title(kernel)}\n\n{Table(Unit(kernel), [.. kernels[kernel]])}");
        return text.ToString();
    }

    private static string Card(BenchResults results)
    {
        List<string[]> rows =
        [
            ["processor", results.Machine.Cpu],
            ["cores", $"{Number(results.Machine.LogicalCores)} logical in use"],
            ["registers", $"{MachineCard.Bits(results.Machine.Lanes)} in use"],
        ];
        foreach (Yardstick each in results.Yardsticks)
        {
            string?[] figures = [each.Gflops?.Format("F1", " GFLOP/s at most"), each.Gbs?.Format("F1", " GB/s read")];
            rows.Add([MachineCard.Threads(each.Threads), string.Join("; ", figures.OfType<string>())]);
        }

        rows.Add(["system", $"{results.Machine.Os}, {results.Machine.Architecture}"]);
        rows.Add(["runtime", results.Machine.Dotnet]);
        rows.Add(["commit", string.Join(", ", results.Commits)]);
        return MarkdownTable.Format(["machine", ""], rows, numbers: 0);
    }

    /// <summary>Columns in which no row has anything are left out.</summary>
    private static string Table(string unit, MergedRow[] rows)
    {
        (string Title, Func<MergedRow, string> Cell)[] figures =
        [
            ("ms", row => row.Ms?.Format("F3") ?? ""),
            (unit, row => row.Gflops?.Format("F1") ?? ""),
            ("GB/s", row => row.Gbs?.Format("F1") ?? ""),
            ("of peak", row => row.OfPeak?.Format("F0", " %", scale: 100) ?? ""),
            ("x dense", row => row.SpeedupVsDense?.Format("F2") ?? ""),
            ("of product", row => row.OfProduct?.Format("F1", " %", scale: 100) ?? ""),
            ("break-even", row => row.BreakEven?.Format("F0", " %", scale: 100) ?? ""),
            ("runs", row => Number(row.Runs.Count)),
        ];
        figures = [.. figures.Where(IsUsed)];
        (string Title, Func<MergedRow, string> Cell)[] columns = [.. s_names.Where(IsUsed), .. figures];
        return MarkdownTable.Format(
            [.. columns.Select(column => column.Title)],
            rows.Select(row => columns.Select(column => column.Cell(row)).ToArray()),
            numbers: figures.Length);

        bool IsUsed((string Title, Func<MergedRow, string> Cell) column) => rows.Any(row => column.Cell(row).Length > 0);
    }

    private static int Rank(string kernel) =>
        Array.FindIndex(s_known, known => known.Kernel == kernel) is >= 0 and int rank ? rank : s_known.Length;

    private static string Title(string kernel) => s_known.ElementAtOrDefault(Rank(kernel)).Title ?? $"`{kernel}`";

    private static string Unit(string kernel) => s_known.ElementAtOrDefault(Rank(kernel)).Unit ?? "GFLOP/s";

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
