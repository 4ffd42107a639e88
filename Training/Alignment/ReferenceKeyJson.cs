using System.Text.Json.Serialization;
using SpikeEngine.Model;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Training.Alignment;

/// <summary>Every field of a configuration as text that does not depend on the machine's language, without reflection.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Mamba2Config))]
[JsonSerializable(typeof(OptConfig))]
internal sealed partial class ReferenceKeyJson : JsonSerializerContext;
