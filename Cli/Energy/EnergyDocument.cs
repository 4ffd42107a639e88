using System.Text.Json.Serialization;
using SpikeEngine.Model.Energy;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Energy;

/// <summary>One part, layer or scope; energies in picojoules per token. The spiking figures of a dense model are those of the dense one.</summary>
internal sealed record EnergyLine(
    string Name, double DenseMacs, double SpikingMacs, double UnrolledAcs, double LevelAcs, double NeuronUpdates, double DenseBytes, double SpikingBytes,
    double DensePj, double SpikingPj, double SpikingLevelPj, double DenseInt8Pj, double SpikingInt8Pj, double DenseMemoryPj, double SpikingMemoryPj,
    double DenseOnChipPj, double SpikingOnChipPj, double X, double LevelX, double MemoryX, double OnChipX)
{
    public static EnergyLine Of(string name, EnergyFigures f) => new(
        name, f.DenseMacs, f.SpikingMacs, f.UnrolledAccumulates, f.LevelAccumulates, f.Counts.NeuronUpdates, f.Counts.DenseBytes, f.Counts.SpikingBytes,
        f.DensePicojoules, f.SpikingPicojoules, f.SpikingLevelPicojoules, f.DenseInt8Picojoules, f.SpikingInt8Picojoules, f.DenseMemoryPicojoules,
        f.SpikingMemoryPicojoules, f.DenseOnChipPicojoules, f.SpikingOnChipPicojoules, Ratio(f.Benefit), Ratio(f.LevelBenefit), Ratio(f.MemoryBenefit), Ratio(f.OnChipBenefit));

    // A part that never spikes needs no energy; JSON has no infinity, and neither has physics.
    private static double Ratio(double value) => double.IsFinite(value) ? value : 0;
}

/// <summary>Spikes at one site.</summary>
internal sealed record SpikeLine(
    int Layer, string Site, double Density, double MeanMagnitude, double NegativeShare, int Neurons, int Dead, IReadOnlyDictionary<string, double> Levels);

/// <summary>Share of active neurons from one token of a text to the next stretch.</summary>
internal sealed record PositionLine(int FromToken, double Density);

/// <summary>Time of decoding in one way, in microseconds per token, medians of rounds in turns.</summary>
internal sealed record TimeLine(
    string Way, double TokenUs, double TokenUsMin, double TokenUsMax, double ProjectionsUs, double HeadUs, IReadOnlyList<double> LayersUs, double? PackageJoulesPerToken);

/// <summary>Energy of a spiking model in percent of a dense one's, per token.</summary>
internal sealed record TeacherLine(string Teacher, double BlockPj, double ModelPj, double BlockPercent, double ModelPercent);

/// <summary>All figures of <c>spike energy</c>.</summary>
internal sealed record EnergyDocument(
    string Model, string Text, int Tokens, bool Spiking, EnergyConstants Constants, IReadOnlyList<string> Formulas, IReadOnlyList<EnergyLine> Scopes,
    IReadOnlyList<EnergyLine> Layers, IReadOnlyList<EnergyLine> Parts, IReadOnlyList<SpikeLine> Spikes, IReadOnlyList<PositionLine> Positions,
    IReadOnlyList<TimeLine> Times, string PackageEnergy, MachineDescription Machine, TeacherLine? OfTeacher);

/// <summary>Its JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EnergyDocument))]
internal sealed partial class EnergyJson : JsonSerializerContext;
