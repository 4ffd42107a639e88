using System.CommandLine;
using System.Globalization;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>Options that all verbs which train have, and the run that follows from them.</summary>
internal sealed class RunOptions
{
    private readonly Func<string?, IReadOnlyList<RunFlag>, RunSettings> _read;
    private readonly List<(Option<string?> Option, string Setting)> _texts = [];
    private readonly Option<string?> _config = new("--config") { Description = $"JSON file with settings; {RunSettings.FileName} of an earlier run repeats it.", HelpName = "FILE" };
    private readonly Option<string?> _preset = new("--preset") { Description = $"Where settings come from that are not given. [default: {RunPresets.Default}]", HelpName = "NAME" };
    private readonly Option<string[]> _data = new("--data") { HelpName = "PATH", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _out = new("--out") { Description = "Folder of the run: settings, metrics, checkpoints, model.", HelpName = "DIR" };
    private readonly Option<int?> _steps = new Option<int?>("--steps") { Description = "Optimiser steps (training.steps).", HelpName = "N" }.AtLeast(1);
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Seed of everything random (seed).", HelpName = "N" };
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Any setting, such as optimizer.learning_rate=1e-3; flags override the file.", HelpName = "KEY=VALUE", AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the run in --out from its newest checkpoint." };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the run in --out." };
    private readonly Option<bool> _print = new("--print-config") { Description = "Print the settings with all defaults, and run nothing." };
    private readonly Option<bool> _json = new("--json") { Description = "Print events as JSON lines." };

    /// <summary>Of a verb whose runs are of one kind.</summary>
    public RunOptions(RunKind kind, string data)
        : this(data, RunPresets.Names, (file, flags) => RunConfig.Read(kind, file, flags))
    {
    }

    /// <summary>Of a verb with presets of its own.</summary>
    /// <param name="data">What the data can be, for the help.</param>
    /// <param name="presets">Names of presets.</param>
    /// <param name="read">Reads the settings from a file, if there is one, and flags.</param>
    public RunOptions(string data, IEnumerable<string> presets, Func<string?, IReadOnlyList<RunFlag>, RunSettings> read)
    {
        _read = read;
        _data.Description = data;
        _preset.AcceptOnlyFromAmong([.. presets]);
        _set.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(t => t.Value))
            {
                try
                {
                    RunFlag.Parse(text);
                }
                catch (Exception error) when (error is ArgumentException or InvalidDataException)
                {
                    result.AddError($"--set: {ErrorText.Of(error)}");
                }
            }
        });
    }

    /// <summary>An option for one setting that is a text.</summary>
    public Option<string?> ForSetting(string name, string setting, string description, string help)
    {
        Option<string?> option = new(name) { Description = $"{description} ({setting}).", HelpName = help };
        _texts.Add((option, setting));
        return option;
    }

    public void AddTo(Command command, TextWriter output, Func<RunSettings, string, ExistingRun, IRunObserver, CancellationToken, RunResult> run)
    {
        foreach (Option option in (Option[])[_config, _preset, _data, .. _texts.Select(t => t.Option), _out, _steps, _seed, _threads, _set, _resume, _overwrite, _print, _json])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_out) is null && !result.GetValue(_print))
                result.AddError("--out is missing: name a folder for the run.");
            if (result.GetValue(_resume) && result.GetValue(_overwrite))
                result.AddError("--resume and --overwrite contradict each other.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            ExistingRun existing = parsed.GetValue(_resume) ? ExistingRun.Resume : parsed.GetValue(_overwrite) ? ExistingRun.Overwrite : ExistingRun.Refuse;
            string folder = parsed.GetValue(_out) ?? "";
            RunSettings config = Read(parsed, existing, folder);
            if (parsed.GetValue(_print))
            {
                output.Write(config.ToJson());
                return Task.FromResult(SpikeCommandLine.Success);
            }

            return RunExecution.RunAsync(
                observer => run(config, folder, existing, observer, cancellation), command.Name, folder, parsed.GetValue(_json), output, cancellation);
        });
    }

    private RunSettings Read(ParseResult parsed, ExistingRun existing, string folder)
    {
        List<RunFlag> flags = [];
        if (parsed.GetValue(_preset) is { } preset)
            flags.Add(RunFlag.OfTexts($"--preset {preset}", "preset", preset));
        if (parsed.GetValue(_data) is { Length: > 0 } data)
            flags.Add(RunFlag.OfTexts($"--data {string.Join(' ', data)}", "data.train", data));
        foreach ((Option<string?> option, string setting) in _texts)
        {
            if (parsed.GetValue(option) is { } text)
                flags.Add(RunFlag.OfTexts($"{option.Name} {text}", setting, text));
        }

        Number("--steps", "training.steps", parsed.GetValue(_steps));
        Number("--seed", "seed", parsed.GetValue(_seed));
        Number("--threads", "threads", parsed.GetValue(_threads));
        flags.AddRange((parsed.GetValue(_set) ?? []).Select(RunFlag.Parse));

        // A run that continues needs nothing to be said again.
        string own = Path.Combine(folder, RunSettings.FileName);
        string? file = parsed.GetValue(_config) ?? (existing == ExistingRun.Resume && File.Exists(own) ? own : null);
        if (file is null && existing == ExistingRun.Resume)
            RunFolder.RequireRun(folder);
        return _read(file, flags);

        void Number(string name, string setting, IFormattable? value)
        {
            if (value?.ToString(null, CultureInfo.InvariantCulture) is { } text)
                flags.Add(RunFlag.Of($"{name} {text}", setting, text));
        }
    }
}
