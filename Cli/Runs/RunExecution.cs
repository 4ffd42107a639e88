using Spectre.Console;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>Runs with the progress that suits the output, and says what came of it.</summary>
internal static class RunExecution
{
    public static async Task<int> RunAsync(
        Func<IRunObserver, RunResult> run, string verb, string folder, bool asJson, TextWriter output, CancellationToken cancellation)
    {
        IAnsiConsole console = Consoles.For(output);
        RunResult result;
        if (asJson)
        {
            RunJsonProgress events = new(output);
            result = await Task.Run(() => run(events), CancellationToken.None);
            events.Ended(result);
        }
        else
        {
            result = console.Profile.Out.IsTerminal
                ? await RunLiveProgress.RunAsync(console, observer => Announced(run, observer, cancellation))
                : await Task.Run(() => Announced(run, new RunLineProgress(output), cancellation), CancellationToken.None);
            RunPrinter.Print(result, verb, folder, console);
        }

        return result.Training.Interrupted ? SpikeCommandLine.Interrupted : SpikeCommandLine.Success;
    }

    /// <summary>A step may take long, and so may a checkpoint: whoever presses Ctrl-C is told that it was heard.</summary>
    private static RunResult Announced(Func<IRunObserver, RunResult> run, IRunObserver observer, CancellationToken cancellation)
    {
        using CancellationTokenRegistration heard = cancellation.Register(() => observer.Note("Stops after this step, with a checkpoint."));
        return run(observer);
    }
}
