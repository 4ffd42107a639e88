using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Csv;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using SpikeEngine.Benchmarks.Reports;

namespace SpikeEngine.Benchmarks;

/// <summary>What every benchmark is run with: BenchmarkDotNet's defaults, allocations, shares of the peak and the machine card.</summary>
internal sealed class BenchmarkConfig : ManualConfig
{
    public BenchmarkConfig()
    {
        AddLogger(ConsoleLogger.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(SpeedColumn.Gflops, SpeedColumn.OfPeak);
        AddExporter(new MachineCardExporter(), CsvExporter.Default);
        AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()]);
        AddValidator([.. DefaultConfig.Instance.GetValidators()]);
        AddDiagnoser(MemoryDiagnoser.Default);
        WithBuildTimeout(TimeSpan.FromMinutes(10));   // of all projects below, with their analyzers

        // Benchmarks run in processes of their own, whose projects do not take over how this one is compiled at run time.
        AddJob(Job.Default
            .WithEnvironmentVariables(new("DOTNET_TieredPGO", "0"), new("DOTNET_TC_QuickJitForLoops", "0"))
            .AsMutator());
    }
}
