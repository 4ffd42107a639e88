using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpikeEngine.Training.Quickstart;

/// <summary>The report's JSON, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(QuickstartReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
