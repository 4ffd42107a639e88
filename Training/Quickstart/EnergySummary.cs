using SpikeEngine.Model;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Modelled energy per token in the three scopes, and what it was computed from.</summary>
/// <param name="ProjectionsX">How many times less energy in_proj and out_proj take.</param>
/// <param name="BlockX">The same with convolution and scan.</param>
/// <param name="ModelX">The same with lm_head.</param>
/// <param name="MacPj">Picojoules of a multiply-accumulate.</param>
/// <param name="AcPj">Picojoules of an accumulate.</param>
/// <param name="Source">Where these come from.</param>
/// <param name="Formula">How they are used.</param>
/// <param name="Projections">in_proj and out_proj.</param>
/// <param name="Block">With convolution and scan.</param>
/// <param name="Model">With lm_head.</param>
public sealed record EnergySummary(
    double ProjectionsX,
    double BlockX,
    double ModelX,
    double MacPj,
    double AcPj,
    string Source,
    string Formula,
    EnergyScopeSummary Projections,
    EnergyScopeSummary Block,
    EnergyScopeSummary Model)
{
    private const string SourceText = "45 nm, 32-bit floats: Horowitz, Computing's energy problem, ISSCC 2014";

    private const string FormulaText =
        "dense = MAC * macs; spiking = MAC * remaining macs + AC * d_out * sum |s|; arithmetic only, memory traffic is not counted";

    internal static EnergySummary Of(Mamba2Config config, SpikeStatistics spikes, EnergyConstants constants)
    {
        var report = EnergyReport.Of(config, spikes, constants);
        EnergyScopeSummary projections = Scope(EnergyScope.Projections);
        EnergyScopeSummary block = Scope(EnergyScope.Block);
        EnergyScopeSummary model = Scope(EnergyScope.Model);
        return new EnergySummary(
            projections.X, block.X, model.X, constants.MultiplyAccumulate, constants.Accumulate, SourceText, FormulaText,
            projections, block, model);

        EnergyScopeSummary Scope(EnergyScope scope) => EnergyScopeSummary.Of(report[scope]);
    }
}

/// <summary>Operations and picojoules per token in one scope.</summary>
/// <param name="DenseMacs">Multiply-accumulates of the dense model.</param>
/// <param name="SpikingMacs">Multiply-accumulates that remain.</param>
/// <param name="UnrolledAcs">Accumulates when a spike of level s counts as |s| binary ones, as the paper counts.</param>
/// <param name="LevelAcs">Accumulates when an active input counts once, plus the D levels.</param>
/// <param name="DensePj">Picojoules of the dense model.</param>
/// <param name="SpikingPj">Picojoules of the spiking one, by <paramref name="UnrolledAcs"/>.</param>
/// <param name="SpikingLevelPj">Picojoules of the spiking one, by <paramref name="LevelAcs"/>.</param>
/// <param name="X">Dense over spiking, by <paramref name="UnrolledAcs"/>: the headline.</param>
/// <param name="LevelX">Dense over spiking, by <paramref name="LevelAcs"/>.</param>
public sealed record EnergyScopeSummary(
    double DenseMacs,
    double SpikingMacs,
    double UnrolledAcs,
    double LevelAcs,
    double DensePj,
    double SpikingPj,
    double SpikingLevelPj,
    double X,
    double LevelX)
{
    internal static EnergyScopeSummary Of(EnergyFigures figures)
    {
        return new EnergyScopeSummary(
            figures.DenseMacs, figures.SpikingMacs, figures.UnrolledAccumulates, figures.LevelAccumulates,
            figures.DensePicojoules, figures.SpikingPicojoules, figures.SpikingLevelPicojoules,
            Ratio(figures.SpikingPicojoules), Ratio(figures.SpikingLevelPicojoules));

        // A model that never spikes needs no energy in its projections; JSON has no infinity, and neither has physics.
        double Ratio(double spiking) => spiking > 0 ? figures.DensePicojoules / spiking : 0;
    }
}
