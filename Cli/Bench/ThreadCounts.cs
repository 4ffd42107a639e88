using System.CommandLine;
using System.Globalization;

namespace SpikeEngine.Cli.Bench;

/// <summary>The option for several numbers of threads.</summary>
internal static class ThreadCounts
{
    public static Option<string?> Option()
    {
        Option<string?> threads = new("--threads") { Description = "Numbers of threads, as in 1,2. [default: one, and then all processors]", HelpName = "N,..." };
        threads.MustParse(text => Of(text));
        return threads;
    }

    /// <summary>The numbers, or one and all processors.</summary>
    /// <exception cref="ArgumentException">There is something else in it.</exception>
    public static int[] Of(string? text) => text is null
        ? RowParallel.Threads > 1 ? [1, RowParallel.Threads] : [1]
        : [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new ArgumentException($"--threads: '{part}' is no whole number from 1 on."))];
}
