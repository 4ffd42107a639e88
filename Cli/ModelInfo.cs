using System.Text.Json.Serialization;
using SpikeEngine.Kernels;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Cli;

/// <summary>What <c>spike info</c> tells of a model folder; the weights themselves are not read.</summary>
internal sealed record ModelInfo(
    string Model, string Kind, LanguageModelConfig Config, long Parameters, IReadOnlyList<PartInfo> Parts, IReadOnlyList<FileInfoRow> Files,
    int Lanes, int Threads, string? Problem)
{
    public static ModelInfo Read(string folder)
    {
        LanguageModelConfig config = ModelConfig.Load(Path.Combine(folder, ModelFolder.ConfigFile));
        using TensorFile weights = WeightFiles.Open(folder);
        List<PartInfo> parts = [.. weights.Entries.GroupBy(e => PartOf(e.Name)).Select(group => new PartInfo(
            group.Key,
            group.Count(),
            string.Join(" ", group.Select(e => $"[{string.Join(", ", e.Shape)}]").Distinct()),
            string.Join(" ", group.Select(e => e.DType.ToString()).Distinct()),
            group.Sum(e => e.ElementCount)))];
        return new ModelInfo(
            folder, KindOf(config), config,
            parts.Sum(p => p.Parameters), parts,
            [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(f => new FileInfoRow(Path.GetFileName(f), new FileInfo(f).Length))],
            Simd.Lanes, RowParallel.Threads, ProblemOf(folder));
    }

    private static string KindOf(LanguageModelConfig config) => config switch
    {
        Mamba2Config { Spiking: null } => "Mamba2 (dense)",
        Mamba2Config => "SpikingMamba (Mamba2 with TI-LIF neurons)",
        OptConfig { Spiking: null } => "OPT (dense transformer)",
        OptConfig => "BiSpikCLM (spiking transformer)",
        _ => config.ModelType,
    };

    /// <summary>Why the model cannot be used: configuration and weights that do not belong together; null when it can.</summary>
    private static string? ProblemOf(string folder)
    {
        try
        {
            Checkpoint.Open(folder).Dispose();
            return null;
        }
        catch (InvalidDataException error)
        {
            return error.Message;
        }
    }

    /// <summary>The same part of every layer is one row: <c>backbone.layers.*.mixer.in_proj.weight</c>.</summary>
    private static string PartOf(string tensor) =>
        string.Join('.', tensor.Split('.').Select(part => part.All(char.IsAsciiDigit) ? "*" : part));
}

/// <summary>Tensors of one kind.</summary>
internal sealed record PartInfo(string Part, int Tensors, string Shape, string Dtype, long Parameters);

/// <summary>A file of the folder.</summary>
internal sealed record FileInfoRow(string Name, long Bytes);

/// <summary>JSON of <c>spike info --json</c>, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,   // dt_limit may end at infinity
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class ModelInfoJson : JsonSerializerContext;
