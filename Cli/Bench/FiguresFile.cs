using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli.Bench;

/// <summary>The file of --json.</summary>
internal static class FiguresFile
{
    /// <summary>Writes figures, whole or not at all; its folder is made when it is not there.</summary>
    public static void Write<T>(string path, T figures, JsonTypeInfo<T> type)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, figures, type));
    }
}
