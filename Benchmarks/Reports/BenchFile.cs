using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>A file of <c>spike bench ... --json</c>: what the documents need of it.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="PeakGflops">Billions of operations in a second, the most that its threads did.</param>
/// <param name="ReadGbs">Billions of bytes in a second that they read.</param>
/// <param name="Rows">One measurement each.</param>
internal sealed record BenchFile(MachineDescription Machine, double PeakGflops, double ReadGbs, IReadOnlyList<BenchFileRow> Rows)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no such report; the message names it.</exception>
    public static BenchFile Load(string path)
    {
        BenchFile file = Parse(path);
        if (file.Rows.Count == 0)
            throw new InvalidDataException($"{path} has no rows.");
        if (file.Rows.Contains(null!))
            throw new InvalidDataException($"{path} has a row that is null.");
        if (file.Rows.GroupBy(row => row.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path} has {twice.Count()} rows of {twice.Key}: what tells them apart is not known here.");
        return file;
    }

    private static BenchFile Parse(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            return JsonSerializer.Deserialize(stream, BenchFileJson.Default.BenchFile)
                ?? throw new InvalidDataException($"{path} is no report of spike bench: it is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is no report of spike bench: {error.Message}", error);
        }
    }
}

/// <summary>One measurement. Numbers that are not known here are of no interest.</summary>
internal sealed record BenchFileRow
{
    public required string Kernel { get; init; }

    public int? M { get; init; }

    public int? K { get; init; }

    public int? N { get; init; }

    public required int Threads { get; init; }

    public string? Weight { get; init; }

    public double? Density { get; init; }

    public int? Levels { get; init; }

    public double? Gflops { get; init; }

    public double? Gbs { get; init; }

    public double? OfPeak { get; init; }

    public double? SpeedupVsDense { get; init; }

    public double? OfProduct { get; init; }

    public double? BreakEven { get; init; }

    public double? Ms { get; init; }

    /// <summary>What is not known here.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>What was measured. Texts that are not known here tell rows apart too: merging those would mix different things.</summary>
    [JsonIgnore]
    public BenchKey Key => new(Kernel, M, K, N, Threads, Weight, Density, Levels, Labels());

    private string Labels() => string.Join(
        ", ",
        (Others ?? []).Where(other => other.Value.ValueKind == JsonValueKind.String)
            .OrderBy(other => other.Key, StringComparer.Ordinal)
            .Select(other => $"{other.Key} {other.Value}"));
}

/// <summary>JSON of a report, without reflection, refusing what lacks its parts.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BenchFile))]
internal sealed partial class BenchFileJson : JsonSerializerContext;
