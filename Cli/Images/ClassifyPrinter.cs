using System.Globalization;
using Spectre.Console;
using SpikeEngine.Model.Energy;

namespace SpikeEngine.Cli.Images;

/// <summary>The figures as tables.</summary>
internal static class ClassifyPrinter
{
    private const int BarWidth = 20;

    public static void Print(ClassifyDocument d, IAnsiConsole console)
    {
        string kind = d.TimeSteps is { } steps ? F($"spikes in T = {steps} steps") : "an ANN, without spikes";
        console.WriteLine(F($"{d.Images:N0} images, {kind}: accuracy {d.Accuracy:F2} ± {d.StandardError:F2} %, loss {d.Loss:F4}; {d.Images / d.ElapsedS:N0} images/s"));
        if (d.SpikeRate is { } rate)
            Spikes(d, rate, console);
        Table layers = Consoles.Table("of an image", "kMAC", "kMAC left", "kAC");
        foreach (ClassifyLayer layer in d.Layers)
            layers.AddRow(new Text(layer.Name), Cell($"{layer.Macs / 1e3:N1}"), Cell($"{layer.MacsLeft / 1e3:N1}"), Cell($"{layer.Accumulates / 1e3:N1}"));
        console.Write(layers);
        string spiking = d.SpikingNj is { } energy ? F($", {energy:N0} nJ with {d.SpikesPerImage:N0} spikes, {d.DenseNj / energy:F2}x") : "";
        EnergyConstants c = new();
        console.WriteLine(F($"energy of an image: {d.DenseNj:N0} nJ as an ANN{spiking} (MAC {c.MultiplyAccumulate} pJ, AC {c.Accumulate} pJ at 45 nm: Horowitz, ISSCC 2014)"));
    }

    private static void Spikes(ClassifyDocument d, double rate, IAnsiConsole console)
    {
        Table sites = Consoles.Table("neurons", "number", "spikes in a step", "");
        foreach (ClassifySite site in d.Sites)
            sites.AddRow(new Text(site.Name), Cell($"{site.Neurons:N0}"), Cell($"{100 * site.Rate:F1} %"), new Text(Bar(site.Rate)));
        sites.AddRow(new Text("all"), Cell($"{d.Sites.Sum(s => s.Neurons):N0}"), Cell($"{100 * rate:F1} %"), new Text(Bar(rate)));
        console.Write(sites);
    }

    private static string Bar(double share) => new string('#', (int)Math.Round(BarWidth * share)).PadRight(BarWidth, '.');

    private static Text Cell(FormattableString text) => new(F(text));

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
