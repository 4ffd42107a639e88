using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>BenchmarkDotNet's Markdown below the machine card.</summary>
internal sealed class MachineCardExporter : ExporterBase
{
    protected override string FileExtension => "md";

    protected override string FileNameSuffix => "-github";

    public override void ExportToLog(Summary summary, ILogger logger)
    {
        logger.WriteLine(MachineCard.Current.ToMarkdown());
        MarkdownExporter.GitHub.ExportToLog(summary, logger);
    }
}
