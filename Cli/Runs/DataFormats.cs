using SpikeEngine.Data.Parquet;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>What the commands can read.</summary>
internal static class DataFormats
{
    public static RunFormats All { get; } = new([new ParquetFormat()]);
}
