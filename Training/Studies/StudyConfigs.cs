using System.Globalization;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>Folders and configurations of the rows' runs.</summary>
/// <param name="options">Of the study.</param>
/// <param name="plan">Its plan; null while it is made, which the number of steps does not matter for.</param>
internal sealed class StudyConfigs(StudyOptions options, StudyPlan? plan)
{
    private const string MadePairs = "preferences.jsonl", MadeHeldOutPairs = "preferences-held-out.jsonl";

    /// <summary>Folder of a row's run.</summary>
    public string RunOf(string row) => Path.Combine(options.Folder, StudyRun.Runs, row);

    /// <summary>Folder of a row's model, whether it is there yet or not.</summary>
    public string ModelOf(StudyRow row) => row.Kind is null
        ? row.From is { } from ? ModelOf(from) : options.Teacher!
        : Path.Combine(RunOf(row.Name), RunFolder.Model);

    /// <summary>The same by name: of the teacher, or of a row that is trained.</summary>
    public string ModelOf(string row) =>
        row == StudyRows.Teacher && options.Teacher is { } teacher ? teacher : Path.Combine(RunOf(row), RunFolder.Model);

    /// <summary>Configuration of a row's run.</summary>
    /// <exception cref="InvalidDataException">A setting of the teacher's file is wrong.</exception>
    public RunConfig Of(StudyRow row)
    {
        RunKind kind = row.Kind ?? throw new ArgumentException($"Row '{row.Name}' is not trained.", nameof(row));
        List<RunFlag> flags = [Number("seed", row.Seed), Number("training.checkpoint_every", 200), Number("training.keep", 1)];
        switch (kind)
        {
            case RunKind.Train:
                flags.AddRange(Texts("data", options.Data, options.Validation));
                if (options.TeacherConfig is null)
                    flags.AddRange((options.System == StudySystem.BiSpikClm ? BiSpikRows.TeacherSettings : StudyRows.TeacherSettings).Select(RunFlag.Parse));
                flags.Add(Number("training.steps", plan?.TeacherSteps ?? 1));
                return RunConfig.Read(kind, options.TeacherConfig, flags);
            case RunKind.Distill:
                flags.AddRange(Texts("data", options.Data, options.Validation));
                flags.Add(RunFlag.OfTexts("the study's teacher", "distillation.teacher", ModelOf(row.From!)));
                flags.Add(Number("training.steps", Math.Max(1, (int)((plan?.StudentSteps ?? 1) * row.Length))));
                break;
            default:
                flags.Add(RunFlag.OfTexts("the study's student", "model.from", ModelOf(row.From!)));
                flags.AddRange(options.Preferences.Count > 0
                    ? Texts("preferences", options.Preferences, options.PreferencesValidation)
                    : Texts("preferences", [Path.Combine(options.Folder, MadePairs)], [Path.Combine(options.Folder, MadeHeldOutPairs)]));
                break;
        }

        flags.AddRange(row.Settings.Select(RunFlag.Parse));
        return RunConfig.Read(kind, null, flags);
    }

    private static IEnumerable<RunFlag> Texts(string name, IReadOnlyList<string> train, IReadOnlyList<string> validation)
    {
        yield return RunFlag.OfTexts($"--{name} {string.Join(' ', train)}", "data.train", train);
        if (validation.Count > 0)
            yield return RunFlag.OfTexts($"--{name}-validation {string.Join(' ', validation)}", "data.validation", validation);
    }

    private static RunFlag Number(string setting, IFormattable value) =>
        RunFlag.Of("the study's plan", setting, value.ToString(null, CultureInfo.InvariantCulture));
}
