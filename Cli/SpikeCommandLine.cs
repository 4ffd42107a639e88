using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using SpikeEngine.Cli.Bench;
using SpikeEngine.Cli.Evaluation;
using SpikeEngine.Cli.Reports;
using SpikeEngine.Cli.Runs;
using SpikeEngine.Training;

namespace SpikeEngine.Cli;

/// <summary>The <c>spike</c> command: its verbs, its errors and its exit codes.</summary>
internal static class SpikeCommandLine
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int WrongUsage = 2;
    public const int Interrupted = 130;   // 128 + SIGINT, as shells report it

    // Ctrl-C ends a training run after the step that it is in, and after its checkpoint is on disk; two seconds are the library's default.
    private static readonly TimeSpan s_timeForACheckpoint = TimeSpan.FromMinutes(30);

    public static async Task<int> RunAsync(
        string[] args, Func<TextReader> input, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        ParseResult parsed = Root(input, output, error).Parse(args);
        if (parsed.Action is ParseErrorAction)
            return Refuse(parsed, error);

        InvocationConfiguration configuration = new() { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        if (parsed.CommandResult.Command.Name is TrainCommand.Name or DistillCommand.Name or AlignCommand.Name or Studies.ReproduceCommand.Name)
            configuration.ProcessTerminationTimeout = s_timeForACheckpoint;
        try
        {
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("stopped");
            return Interrupted;
        }
        catch (TypeInitializationException e) when (e.InnerException is InvalidOperationException inner)
        {
            // SPIKEENGINE_LANES or SPIKEENGINE_EXACT, read where they are first needed, has an impossible value.
            return Fail(inner);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return Fail(e);
        }

        int Fail(Exception e)
        {
            error.WriteLine($"error: {OneLine(ErrorText.Of(e))}");
            return Failure;
        }
    }

    /// <summary>Says what is wrong, and where the help is: all of it would push the error off the screen.</summary>
    private static int Refuse(ParseResult parsed, TextWriter error)
    {
        foreach (string message in parsed.Errors.Select(e => OneLine(e.Message)).Distinct())
            error.WriteLine($"error: {message}");
        string command = "";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } verb; at = verb.Parent)
            command = $" {verb.Command.Name}{command}";
        error.WriteLine($"see `spike{command} --help`");
        return WrongUsage;
    }

    private static RootCommand Root(Func<TextReader> input, TextWriter output, TextWriter error)
    {
        RootCommand root = new("SpikeEngine: spiking language models on CPUs, in pure C#.")
        {
            QuickstartCommand.Create(output),
            GenerateCommand.Create(input, output, error),
            EvalCommand.Create(output, error),
            InfoCommand.Create(output),
            VerifyCommand.Create(output),
            MakeModelCommand.Create(output, error),
            ConvertCommand.Create(output, error),
            TrainCommand.Create(output),
            DistillCommand.Create(output),
            AlignCommand.Create(output),
            ReportCommand.Create(output),
            Studies.ReproduceCommand.Create(output),
            Images.ClassifyCommand.Create(output),
            Images.BalanceCommand.Create(output),
            Energy.EnergyCommand.Create(output, error),
            BenchCommand.Create(output, error),
        };
        root.SetAction(parsed => new HelpAction().Invoke(parsed));
        return root;
    }

    /// <summary>What a user's files and options, or a training gone wrong, can cause. Anything else is a bug, and shows where it happened.</summary>
    private static bool IsExpected(Exception e) =>
        e is IOException or InvalidDataException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException
            or TrainingDivergedException;

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
