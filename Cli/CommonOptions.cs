using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace SpikeEngine.Cli;

/// <summary>Options that several verbs have.</summary>
internal static class CommonOptions
{
    public static Option<int?> Threads()
    {
        Option<int?> threads = new("--threads")
        {
            Description = $"Threads to use. Results do not depend on it. [default: {RowParallel.ThreadsVariable}, or all processors]",
            HelpName = "N",
        };
        return threads.AtLeast(1);
    }

    public static Option<string> Model() => new("--model")
    {
        Description = "Folder with config.json, model.safetensors and tokenizer.json.",
        HelpName = "DIR",
        Required = true,
    };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Seed of everything random.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public static void Apply(int? threads)
    {
        if (threads is { } count)
            RowParallel.Threads = count;
    }

    public static Option<int?> AtLeast(this Option<int?> option, int least)
    {
        option.CustomParser = result => WholeNumber(option, result, least);
        return option;
    }

    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        option.CustomParser = result => WholeNumber(option, result, least);
        return option;
    }

    private static int WholeNumber(Option option, ArgumentResult result, int least)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= least)
            return number;
        result.AddError($"{option.Name} is '{text}'; it must be a whole number from {least} {(IsTooLong(text) ? $"to {int.MaxValue}" : "on")}.");
        return least;
    }

    private static bool IsTooLong(string text) =>
        BigInteger.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out BigInteger number) && number > int.MaxValue;
}
