using System.CommandLine;
using System.Globalization;

namespace SpikeEngine.Cli.Bench;

/// <summary>Options that take several whole numbers, as in 1,2.</summary>
internal static class NumberList
{
    private const string ThreadsName = "--threads";

    /// <summary>An option for them; none are given by default.</summary>
    public static Option<string?> Option(string name, string description)
    {
        Option<string?> option = new(name) { Description = description, HelpName = "N,..." };
        option.MustParse(text => Parse(name, text));
        return option;
    }

    /// <summary>Numbers of threads.</summary>
    public static Option<string?> Threads() => Option(ThreadsName, "Numbers of threads, as in 1,2. [default: one, and then all processors]");

    /// <summary>What <see cref="Threads"/> was given, or one and all processors.</summary>
    /// <exception cref="ArgumentException">There is something else in it.</exception>
    public static int[] ThreadsOf(string? text) =>
        text is not null ? Parse(ThreadsName, text) : RowParallel.Threads > 1 ? [1, RowParallel.Threads] : [1];

    /// <summary>The numbers; none of nothing.</summary>
    /// <exception cref="ArgumentException">There is something else in it; the message names the option.</exception>
    public static int[] Parse(string name, string? text) => text is null
        ? []
        : [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new ArgumentException($"{name}: '{part}' is no whole number from 1 on."))];
}
