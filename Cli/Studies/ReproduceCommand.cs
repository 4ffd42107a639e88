using System.CommandLine;
using Spectre.Console;
using SpikeEngine.Cli.Runs;
using SpikeEngine.Training.Studies;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Studies;

/// <summary><c>spike reproduce</c>: the paper's study at a size that a workstation can run.</summary>
internal static class ReproduceCommand
{
    public const string Name = "reproduce";

    private const string Snn2Ann = "snn2ann";

    private static readonly (string Name, StudySystem System)[] s_systems = [("spikingmamba", StudySystem.SpikingMamba), ("bispikclm", StudySystem.BiSpikClm)];

    public static Command Create(TextWriter output)
    {
        Option<string> system = new("--system") { Description = "What is studied.", HelpName = "NAME", DefaultValueFactory = _ => s_systems[0].Name };
        system.AcceptOnlyFromAmong([.. s_systems.Select(s => s.Name), Snn2Ann]);
        Option<double> budget = new("--budget")
        {
            Description = "Minutes for the whole study; they decide how many steps its rows have, at least one.", HelpName = "MINUTES", DefaultValueFactory = _ => 60,
        };
        Option<string> folder = new("--out") { Description = "Folder of the study; when it holds one that was stopped, that is continued.", HelpName = "DIR", Required = true };
        Option<string?> teacher = new("--teacher") { Description = "Folder of a dense model to distil. [default: one is trained]", HelpName = "DIR" };
        Option<string?> config = new("--teacher-config") { Description = "Settings of the teacher to train, as spike train --config takes them.", HelpName = "FILE" };
        Option<string[]> data = Paths("--data", $"Text to learn from: files, folders, or sdk-docs; of snn2ann images. [default: sdk-docs; of snn2ann {ImageSources.Shapes}]", "PATH");
        Option<string[]> validation = Paths("--data-validation", "Text or images to be measured on. [default: a part of --data]", "PATH");
        Option<string[]> preferences = Paths("--preferences", "Pairs for DPO and KTO. [default: pairs are made from --data]", "FILE");
        Option<string[]> held = Paths("--preferences-validation", "Pairs to measure the alignment on.", "FILE");
        Option<string[]> tasks = Paths("--tasks", "Folders with files of zero-shot tasks; what is there is measured, beside a cloze test of the held-out text.", "DIR");
        Option<string> preset = new("--preset")
        {
            Description = "Of snn2ann: where the settings of all rows come from.", HelpName = "NAME", DefaultValueFactory = _ => ImageRunPresets.Names[0],
        };
        preset.AcceptOnlyFromAmong([.. ImageRunPresets.Names]);
        Option<string[]> set = Paths("--set", "Of snn2ann: settings of all rows, such as data.batch_size=32.", "KEY=VALUE");
        Option<int> seeds = new Option<int>("--seeds") { Description = "Seeds of the rows that are compared by perplexity.", HelpName = "N", DefaultValueFactory = _ => 3 }.AtLeast(1);
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new(
            Name,
            "Train a dense teacher and spiking students that differ in one thing each, and measure all: perplexity, zero-shot tasks, spikes, energy, decoding speed. spikingmamba: neuron, "
            + "SGC, levels, hidden loss, activity, and the best aligned by DPO and KTO; bispikclm: steps, block, and each term of SpAD left out; snn2ann: a network for images as an ANN, by SNN2ANN, through all steps, and converted. "
            + $"Writes {StudyPage.FileName} and {StudySummary.FileName}; run it again to continue.")
        {
            system, budget, folder, teacher, config, data, validation, preferences, held, tasks, preset, set, seeds, seed, threads,
        };
        budget.Within(minutes => minutes > 0, "of minutes above 0");
        command.Validators.Add(result =>
        {
            if (result.GetValue(teacher) is not null && result.GetValue(config) is not null)
                result.AddError("--teacher and --teacher-config contradict each other: a teacher that is there is not trained.");
        });
        command.Validators.Add(result =>
        {
            bool ofImages = result.GetValue(system) == Snn2Ann;
            Option[] foreign = ofImages ? [teacher, config, preferences, held, tasks] : [preset, set];
            foreach (Option option in foreign.Where(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} means nothing to --system {result.GetValue(system)}.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.Apply(parsed.GetValue(threads));
            if (parsed.GetValue(system) == Snn2Ann)
            {
                ImageStudyOptions ofImages = new()
                {
                    Preset = parsed.GetRequiredValue(preset), Data = parsed.GetValue(data) is { Length: > 0 } files ? files : [ImageSources.Shapes], Validation = parsed.GetValue(validation) ?? [],
                    Settings = parsed.GetValue(set) ?? [], Seeds = parsed.GetResult(seeds) is { Implicit: false } ? parsed.GetValue(seeds) : 1, Seed = parsed.GetValue(seed),
                };
                string target = parsed.GetRequiredValue(folder);
                var time = TimeSpan.FromMinutes(parsed.GetValue(budget));
                return Task.Run(() => Run(ofImages, time, target, output, cancellation), CancellationToken.None);
            }

            StudyOptions options = new()
            {
                System = s_systems.First(s => s.Name == parsed.GetValue(system)).System,
                Folder = parsed.GetRequiredValue(folder),
                BudgetMinutes = parsed.GetValue(budget),
                Teacher = parsed.GetValue(teacher),
                TeacherConfig = parsed.GetValue(config),
                Validation = parsed.GetValue(validation) ?? [],
                Preferences = parsed.GetValue(preferences) ?? [],
                PreferencesValidation = parsed.GetValue(held) ?? [],
                Tasks = parsed.GetValue(tasks) ?? [],
                Seeds = parsed.GetValue(seeds),
                Seed = parsed.GetValue(seed),
            };
            if (parsed.GetValue(data) is { Length: > 0 } paths)
                options = options with { Data = paths };
            return Task.Run(() => Run(options, output, cancellation), CancellationToken.None);
        });
        return command;
    }

    private static int Run(StudyOptions options, TextWriter output, CancellationToken cancellation)
    {
        StudyProgress progress = new(new RunLineProgress(output), Say(output), options.Folder);
        return Run(() => StudyTables.Of(StudyRun.Run(options, DataFormats.All, progress, cancellation)), options.Folder, output, cancellation);
    }

    private static int Run(ImageStudyOptions options, TimeSpan budget, string folder, TextWriter output, CancellationToken cancellation)
    {
        ImageStudyProgress progress = new(new RunLineProgress(output), Say(output), folder);
        return Run(() => ImageTables.Of(ImageStudyRun.Run(options, budget, folder, progress, cancellation)), folder, output, cancellation);
    }

    private static int Run(Func<IEnumerable<StudyTable>> study, string folder, TextWriter output, CancellationToken cancellation)
    {
        try
        {
            Print(study(), folder, output);
            return SpikeCommandLine.Success;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            output.WriteLine("stopped; the same command continues the study");
            return SpikeCommandLine.Interrupted;
        }
    }

    private static Action<string> Say(TextWriter output) => line => output.WriteLine($"== {line}");

    private static void Print(IEnumerable<StudyTable> tables, string folder, TextWriter output)
    {
        IAnsiConsole console = Consoles.For(output);
        foreach (StudyTable table in tables)
        {
            console.WriteLine();
            console.WriteLine(table.Title);
            Table grid = Consoles.Table(["", .. table.Columns]);
            foreach ((string name, string[] cells) in table.Rows)
                grid.AddRow([new Text(name), .. cells.Select(c => new Text(c))]);
            console.Write(grid);
        }

        output.WriteLine($"written: {Path.Combine(folder, StudyPage.FileName)}");
        output.WriteLine($"written: {Path.Combine(folder, StudySummary.FileName)}");
    }

    private static Option<string[]> Paths(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help, AllowMultipleArgumentsPerToken = true };
}
