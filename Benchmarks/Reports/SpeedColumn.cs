using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using SpikeEngine.Benchmarks.Kernels;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>Speed of a <see cref="DenseProductAttribute"/> from its mean time; the others have none.</summary>
internal sealed class SpeedColumn : IColumn
{
    private readonly Func<double, MachinePeak, FormattableString> _format;

    private SpeedColumn(string name, string legend, int priority, Func<double, MachinePeak, FormattableString> format)
    {
        ColumnName = name;
        Legend = legend;
        PriorityInCategory = priority;
        _format = format;
    }

    public static SpeedColumn Gflops { get; } =
        new("GFLOP/s", "Billions of operations in a second, a multiply-add counted as two", 0, static (gflops, _) => $"{gflops:F1}");

    public static SpeedColumn OfPeak { get; } = new(
        "Of peak",
        "Share of what the machine card says of as many threads",
        1,
        static (gflops, peak) => $"{100 * gflops / peak.GFlopsPerSecond:F0} %");

    public string Id => $"{nameof(SpeedColumn)}.{ColumnName}";

    public string ColumnName { get; }

    public string Legend { get; }

    public int PriorityInCategory { get; }

    public ColumnCategory Category => ColumnCategory.Custom;

    public bool AlwaysShow => true;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(IsDenseProduct);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => !IsDenseProduct(benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (!IsDenseProduct(benchmarkCase) || summary[benchmarkCase]?.ResultStatistics is not { Mean: double nanoseconds })
            return "";
        double flops = MatrixShape.Parse((string)benchmarkCase.Parameters["Shape"]).Flops;
        int threads = benchmarkCase.Parameters["Threads"] as int? ?? RowParallel.Threads;
        MachinePeak peak = MachineCard.Current.Peaks.Single(peak => peak.Threads == threads);
        return _format(flops / nanoseconds, peak).ToString(CultureInfo.InvariantCulture);
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public override string ToString() => ColumnName;

    private static bool IsDenseProduct(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Descriptor.WorkloadMethod.IsDefined(typeof(DenseProductAttribute));
}
