using System.Globalization;
using System.Text;
using SpikeEngine.Cli.Images;
using SpikeEngine.Cli.Reports;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Studies;

/// <summary>The study of SNN2ANN as one page: charts, tables, and what an image comes to.</summary>
internal static class ImageStudyPage
{
    /// <summary>Writes it, whole or not at all.</summary>
    public static void Write(string folder, ImageStudySummary study)
    {
        byte[] html = Encoding.UTF8.GetBytes(Html(study));
        AtomicFile.Write(Path.Combine(folder, StudyPage.FileName), stream => stream.Write(html));
    }

    private static string Html(ImageStudySummary study)
    {
        HtmlPage page = new("SNN2ANN: the study");
        if (study.Rows.Count < study.RowCount)
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{study.Rows.Count} of {study.RowCount} rows so far; the same command continues the study."));
        page.Charts(Charts(study));
        foreach (StudyTable table in ImageTables.Of(study))
        {
            page.Heading(table.Title);
            page.Paragraph(table.Note);
            page.Table(table.Columns, table.Rows);
        }

        if (study.Pictures is { } pictures)
            SpikePicturesSection.Add(page, "the network trained by SNN2ANN", pictures);
        return page.End();
    }

    private static IEnumerable<(string Title, string Svg)> Charts(ImageStudySummary study)
    {
        yield return ("Accuracy", Bars("accuracy", "%", r => r.Accuracy, r => r.StandardError));
        yield return ("Training time", Bars("time", "s", r => r.TrainingS));
        yield return ("Memory of training", Bars("memory", "MB", r => r.TrainingBytes / 1e6));
        yield return ("Energy of an image", Bars("energy", "nJ", r => r.EnergyNj));
        if (study.Rows.Any(r => r.SpikesPerImage is not null))
            yield return ("Spikes of an image", Bars("spikes", "thousands", r => (r.SpikesPerImage ?? 0) / 1e3));
        IReadOnlyList<(string Name, IReadOnlyList<Dot> Dots)> rates =
            [.. study.Rows.Where(r => r.SiteRates.Count > 0).Select(r => (r.Row.Name, (IReadOnlyList<Dot>)[.. r.SiteRates.Select((rate, i) => new Dot(i + 1, 100 * rate, double.NaN))]))];
        if (rates.Count > 0)
            yield return ("Spikes of a neuron in a step, by layer", DotChart.Over("rates", "layer", "%", rates));

        string Bars(string id, string unit, Func<ImageRowResult, double> value, Func<ImageRowResult, double>? error = null) =>
            DotChart.Named(id, unit, [.. study.Rows.Select(r => (r.Row.Name, value(r), error?.Invoke(r) ?? double.NaN))]);
    }
}
