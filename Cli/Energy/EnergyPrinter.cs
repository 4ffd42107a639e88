using System.Globalization;
using Spectre.Console;
using SpikeEngine.Model.Energy;

namespace SpikeEngine.Cli.Energy;

/// <summary>The figures as tables.</summary>
internal static class EnergyPrinter
{
    public static void Print(EnergyDocument d, IAnsiConsole console)
    {
        if (!d.Spiking)
            console.WriteLine("The model is dense: multiply-accumulates and bytes are counted, and there are no spikes.");
        Energy("energy per token", d.Scopes, d, console);
        Energy("per layer (block)", d.Layers, d, console);
        Energy("per part", d.Parts, d, console);
        if (d.OfTeacher is { } teacher)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"of the teacher's energy ({teacher.Teacher}: {teacher.BlockPj / 1e3:N1} nJ in its blocks, {teacher.ModelPj / 1e3:N1} in all): blocks {teacher.BlockPercent:F2} %, whole model {teacher.ModelPercent:F2} %"));
        }

        if (d.Spiking)
            Spikes(d, console);
        Times(d, console);
        EnergyConstants c = d.Constants;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"pJ at 45 nm (Horowitz, ISSCC 2014): E_MAC {c.MultiplyAccumulate}, E_AC {c.Accumulate}, E_MAC8 {c.Int8MultiplyAccumulate}, E_AC8 {c.Int8Accumulate}, "
            + $"E_neuron {c.NeuronUpdate}; per byte E_DRAM {c.DramByte}, E_SRAM {c.SramByte}, E_cache {c.CacheByte}"));
        foreach (string formula in d.Formulas)
            console.WriteLine($"  {formula}");
        console.WriteLine($"package energy: {d.PackageEnergy}");
    }

    private static void Energy(string title, IReadOnlyList<EnergyLine> lines, EnergyDocument d, IAnsiConsole console)
    {
        Table table = d.Spiking
            ? Consoles.Table(title, "MAC", "MAC left", "AC unrolled", "AC by level", "neurons", "dense KB", "spiking KB", "dense nJ", "spiking nJ", "x", "x by level", "x with DRAM", "x on chip", "int8 nJ dense", "spiking")
            : Consoles.Table(title, "MAC", "KB", "nJ", "nJ with DRAM", "nJ on chip");
        foreach (EnergyLine l in lines)
        {
            string[] cells = d.Spiking
                ?
                [
                    F(l.DenseMacs, "N0"), F(l.SpikingMacs, "N0"), F(l.UnrolledAcs, "N0"), F(l.LevelAcs, "N0"), F(l.NeuronUpdates, "N0"), F(l.DenseBytes / 1e3, "N1"),
                    F(l.SpikingBytes / 1e3, "N1"), F(l.DensePj / 1e3, "N1"), F(l.SpikingPj / 1e3, "N1"), F(l.X, "F2"), F(l.LevelX, "F2"), F(l.MemoryX, "F2"), F(l.OnChipX, "F2"),
                    F(l.DenseInt8Pj / 1e3, "N1"), F(l.SpikingInt8Pj / 1e3, "N1"),
                ]
                : [F(l.DenseMacs, "N0"), F(l.DenseBytes / 1e3, "N1"), F(l.DensePj / 1e3, "N1"), F(l.DenseMemoryPj / 1e3, "N1"), F(l.DenseOnChipPj / 1e3, "N1")];
            table.AddRow([new Text(l.Name), .. cells.Select(c => new Text(c))]);
        }

        console.Write(table);
    }

    private static void Spikes(EnergyDocument d, IAnsiConsole console)
    {
        string[] levels = [.. d.Spikes[0].Levels.Keys];
        Table table = Consoles.Table(["spikes", "active, %", "mean |s|", "negative, %", "dead", .. levels.Select(l => $"s = {l}, %")]);
        foreach (SpikeLine s in d.Spikes)
        {
            string[] cells =
            [
                F(100 * s.Density, "F1"), F(s.MeanMagnitude, "F3"), F(100 * s.NegativeShare, "F1"), s.Neurons == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{s.Dead} of {s.Neurons}"),
                .. levels.Select(l => s.Levels.TryGetValue(l, out double share) ? F(100 * share, "F2") : ""),
            ];
            table.AddRow([new Text(string.Create(CultureInfo.InvariantCulture, $"layer {s.Layer} {s.Site}")), .. cells.Select(c => new Text(c))]);
        }

        console.Write(table);
        Table positions = Consoles.Table(["from token", .. d.Positions.Select(p => F(p.FromToken, "N0"))]);
        positions.AddRow([new Text("active, %"), .. d.Positions.Select(p => new Text(F(100 * p.Density, "F1")))]);
        console.Write(positions);
    }

    private static void Times(EnergyDocument d, IAnsiConsole console)
    {
        Table table = Consoles.Table(["measured, µs a token", "all", "least", "most", "projections", "head", .. Enumerable.Range(0, d.Times[0].LayersUs.Count).Select(l => string.Create(CultureInfo.InvariantCulture, $"layer {l}")), "mJ of package"]);
        foreach (TimeLine t in d.Times)
        {
            string[] cells =
            [
                F(t.TokenUs, "F1"), F(t.TokenUsMin, "F1"), F(t.TokenUsMax, "F1"), F(t.ProjectionsUs, "F1"), F(t.HeadUs, "F1"), .. t.LayersUs.Select(l => F(l, "F1")),
                t.PackageJoulesPerToken is { } joules ? F(1e3 * joules, "F3") : "not measured",
            ];
            table.AddRow([new Text(t.Way), .. cells.Select(c => new Text(c))]);
        }

        console.Write(table);
        if (d.Spiking)
            console.WriteLine("\"multiplied, int8\" is the dense baseline: every weight times every spike, in whole numbers, with the same logits to the bit as \"added, int8\".");
    }

    private static string F(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
