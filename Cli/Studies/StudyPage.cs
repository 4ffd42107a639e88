using System.Globalization;
using System.Text;
using SpikeEngine.Cli.Reports;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Studies;

namespace SpikeEngine.Cli.Studies;

/// <summary>The study as one page.</summary>
internal static class StudyPage
{
    /// <summary>Name of its file in the study's folder.</summary>
    public const string FileName = "study.html";

    /// <summary>Writes it, whole or not at all.</summary>
    public static void Write(string folder, StudySummary study)
    {
        byte[] html = Encoding.UTF8.GetBytes(Html(study));
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(html));
    }

    private static string Html(StudySummary study)
    {
        HtmlPage page = new(study.Plan.System == StudySystem.BiSpikClm ? "BiSpikCLM: the study" : "SpikingMamba: the study");
        if (study.Rows.Count < study.RowCount)
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{study.Rows.Count} of {study.RowCount} rows so far; the same command continues the study."));
        page.Charts(StudyCharts.Of(study));
        foreach (StudyTable table in StudyTables.Of(study))
        {
            page.Heading(table.Title);
            page.Paragraph(table.Note);
            page.Table(table.Columns, table.Rows);
        }

        page.Heading("Every row");
        page.Paragraph("What its settings are beyond the preset, as --set of spike train, distill and align takes them; the folder runs/ROW has all of them in run.json.");
        page.Table(
            ["seed", "steps", "training, s", "perplexity", "settings"],
            [.. study.Rows.Select(r => (r.Name, (string[])
            [
                r.Seed.ToString(CultureInfo.InvariantCulture), r.Steps.ToString("N0", CultureInfo.InvariantCulture), r.TrainingS.ToString("F0", CultureInfo.InvariantCulture),
                r.Perplexity?.ToString("F3", CultureInfo.InvariantCulture) ?? "", string.Join(' ', r.Settings.Concat(r.Validation.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}: {v.Value:G4}")))),
            ]))],
            first: "row");
        return page.End();
    }
}
