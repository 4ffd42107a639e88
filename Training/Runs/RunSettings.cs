using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>
/// What decides what a run computes, as one JSON file, as far as runs of all kinds have it. A preset gives the defaults, a file overrides it, flags override
/// both.
/// </summary>
public abstract record RunSettings
{
    /// <summary>Name of the file in a run's folder that holds the effective configuration.</summary>
    public const string FileName = "run.json";

    private static readonly JsonWriterOptions s_writer = new()
    {
        Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What the run does.</summary>
    public required RunKind Kind { get; init; }

    /// <summary>Where the defaults come from.</summary>
    public required string Preset { get; init; }

    /// <summary>Seed of everything random, unless <see cref="Seeds"/> say otherwise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Seeds of parts of the run.</summary>
    public SeedSettings Seeds { get; init; } = new();

    /// <summary>Threads; null leaves the choice to the machine. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>The optimiser.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>The learning rate's course.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>Length, pieces and checkpoints.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>The configuration with all its defaults, as it is read.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_writer))
        {
            json.WriteStartObject();
            Write(new SettingsWriter(json));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    /// <summary>Writes <see cref="ToJson"/>, whole or not at all.</summary>
    public void Save(string path)
    {
        byte[] json = Encoding.UTF8.GetBytes(ToJson());
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    /// <summary>Settings that a file has otherwise, as <c>training.steps 500 -> 1000</c>; none when it cannot be read.</summary>
    internal static IReadOnlyList<string> Changes(string path, RunSettings now)
    {
        try
        {
            Dictionary<string, string> before = new(SettingsText.Flatten(LocatedJson.ReadFile(path)));
            Dictionary<string, string> after = new(SettingsText.Flatten(LocatedJson.Read(Encoding.UTF8.GetBytes(now.ToJson()), path)));
            return [.. after.Keys.Union(before.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
                .Select(key => $"{key} {before.GetValueOrDefault(key) ?? "none"} -> {after.GetValueOrDefault(key) ?? "none"}")];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    /// <summary>A file and the flags that override it, the last one first in rank.</summary>
    /// <param name="file">The file, or null for none.</param>
    /// <param name="flags">The flags.</param>
    internal static LocatedValue Root(string? file, IReadOnlyList<RunFlag> flags)
    {
        LocatedValue root = file is null ? new LocatedValue(JsonTokenType.StartObject, new Origin("the command")) : LocatedJson.ReadFile(file);
        foreach (RunFlag flag in flags)
            root.Set(flag.Setting, flag.Value);
        return root;
    }

    /// <summary>Passes everything to a writer.</summary>
    private protected abstract void Write(ISettings s);

    /// <summary>What stands at the top of every file.</summary>
    private protected static T PassBegin<T>(ISettings s, T d, IReadOnlyList<string> presets)
        where T : RunSettings
    {
        s.Choice("kind", RunKinds.NameOf(d.Kind), RunKinds.NameOf(d.Kind));
        return d with
        {
            Preset = s.Choice("preset", d.Preset, [.. presets]),
            Seed = s.Seed("seed", d.Seed),
            Seeds = s.Section("seeds", d.Seeds, SeedSettings.Pass),
            Threads = (int?)s.WholeOrNone("threads", d.Threads, 1, int.MaxValue),
        };
    }

    /// <summary>What every training has.</summary>
    private protected static T PassEnd<T>(ISettings s, T d)
        where T : RunSettings => d with
        {
            Optimizer = s.Section("optimizer", d.Optimizer, OptimizerSettings.Pass),
            Schedule = s.Section("schedule", d.Schedule, ScheduleSettings.Pass),
            Training = s.Section("training", d.Training, TrainingSettings.Pass),
        };
}
