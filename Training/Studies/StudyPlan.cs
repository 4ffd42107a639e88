namespace SpikeEngine.Training.Studies;

/// <summary>What decides the result of a study, fixed when it is begun.</summary>
/// <param name="System">What is studied.</param>
/// <param name="Teacher">Folder of the teacher that was given, or null.</param>
/// <param name="TeacherConfig">Settings of the teacher, or null.</param>
/// <param name="Data">Text to learn from.</param>
/// <param name="Validation">Text to be measured on.</param>
/// <param name="Preferences">Files of pairs.</param>
/// <param name="PreferencesValidation">Files of pairs to be measured on.</param>
/// <param name="Tasks">Folders of tasks.</param>
/// <param name="Seeds">Seeds.</param>
/// <param name="Seed">The first of them.</param>
/// <param name="TeacherSteps">Steps of the teacher, or null when it was given.</param>
/// <param name="StudentSteps">Steps of a row of length 1.</param>
public sealed record StudyPlan(
    StudySystem System, string? Teacher, string? TeacherConfig, IReadOnlyList<string> Data, IReadOnlyList<string> Validation, IReadOnlyList<string> Preferences,
    IReadOnlyList<string> PreferencesValidation, IReadOnlyList<string> Tasks, int Seeds, ulong Seed, int? TeacherSteps, int StudentSteps)
{
    /// <summary>Name of its file in the study's folder.</summary>
    public const string FileName = "plan.json";

    /// <summary>The plan of a study that was begun before, or null.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static StudyPlan? Find(string folder) => StudyFile.Find(Path.Combine(folder, FileName), StudyJson.Default.StudyPlan, "plan of a study of language models");

    /// <summary>Writes it, whole or not at all.</summary>
    public void Save(string folder) => StudyFile.Save(Path.Combine(folder, FileName), this, StudyJson.Default.StudyPlan);

    /// <summary>Refuses options with which the study would be another one than that in the folder.</summary>
    /// <exception cref="ArgumentException">One differs; the message names it.</exception>
    public void RequireSame(StudyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Same("system", System, options.System);
        Same("teacher", Teacher, options.Teacher);
        Same("teacher-config", TeacherConfig, options.TeacherConfig);
        Same("data", Words(Data), Words(options.Data));
        Same("data-validation", Words(Validation), Words(options.Validation));
        Same("preferences", Words(Preferences), Words(options.Preferences));
        Same("preferences-validation", Words(PreferencesValidation), Words(options.PreferencesValidation));
        Same("tasks", Words(Tasks), Words(options.Tasks));
        Same("seeds", Seeds, options.Seeds);
        Same("seed", Seed, options.Seed);

        void Same<T>(string option, T before, T now)
        {
            if (!Equals(before, now))
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"--{option} is '{now}', but the study in {options.Folder} was begun with '{before}' (nothing, if empty). Continue it with that, or choose another folder."));
            }
        }

        static string Words(IReadOnlyList<string> texts) => string.Join(' ', texts);
    }
}
