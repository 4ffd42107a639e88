using System.Globalization;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Studies;

/// <summary>The tables of the study of SNN2ANN.</summary>
internal static class ImageTables
{
    public static IEnumerable<StudyTable> Of(ImageStudySummary study)
    {
        yield return new StudyTable(
            "Four ways to train the same network",
            F($"{study.Network}; {study.Epochs:N0} passes over {study.Images:N0} images, measured on {study.ValidationImages:N0}; {study.Options.Seeds} seed(s). All rows have the same settings, tuned for none; each was trained once, in this order. Time is that of the training steps, memory what a step needs with values, gradients and moments of all parameters; activity and energy are of one image, energy as the literature counts it: 4.6 pJ for a multiply-accumulate, 0.9 pJ for an accumulate (45 nm). Converted rows are of the first; what they need beyond it is to find thresholds."),
            ["T", "accuracy, %", "training, s", "memory, MB", "spikes of a neuron in a step, %", "spikes, thousands", "energy, nJ", "of the ANN's, %"],
            [.. study.Rows.Select(row => (row.Row.Name, Cells(study, row)))]);
        if (study.Of(ImageStudyRow.Bptt).Count > 0)
        {
            yield return new StudyTable(
                "SNN2ANN over back-propagation through time",
                "Means over the seeds. Numbers of steps are chosen here, not found: the published ratio, and as many for both. The paper's are its claims for its own networks, data and machines (abstract of arXiv 2206.09449).",
                [F($"over T = {ImageStudyRow.BpttSteps}"), F($"over T = {ImageStudyRow.Snn2AnnSteps}"), "paper"],
                [
                    Ratio("time steps (chosen)", r => r.Row.TimeSteps, "0.625x"), Ratio("training time", r => r.TrainingS, "0.377x"), Ratio("memory", r => r.TrainingBytes, "0.27x"),
                    Ratio("spikes of an image", r => r.SpikesPerImage ?? 0, "0.33x"), Ratio("accuracy", r => r.Accuracy, "comparable"),
                ]);
        }

        (string, string[]) Ratio(string name, Func<ImageRowResult, double> value, string paper) => (name, [Of(ImageStudyRow.Bptt, value), Of(ImageStudyRow.BpttEqual, value), paper]);

        string Of(string other, Func<ImageRowResult, double> value) => study.Ratio(other, value) is { } ratio ? F($"{ratio:F3}x") : "";
    }

    private static string[] Cells(ImageStudySummary study, ImageRowResult row)
    {
        ImageRowResult ann = study.Of(ImageStudyRow.Ann)[0];
        return
        [
            row.Row.Method == ImageMethod.Ann ? "" : F($"{row.Row.TimeSteps}"), F($"{row.Accuracy:F2} ± {row.StandardError:F2}"), F($"{row.TrainingS:F1}"), F($"{row.TrainingBytes / 1e6:F1}"),
            row.SpikeRate is { } rate ? F($"{100 * rate:F1}") : "", row.SpikesPerImage is { } spikes ? F($"{spikes / 1e3:F1}") : "", F($"{row.EnergyNj:N0}"), F($"{100 * row.EnergyNj / ann.EnergyNj:F1}"),
        ];
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
