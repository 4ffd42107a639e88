using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using SpikeEngine.Training.Quickstart;

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
        Description = "Folder with config.json, the weights (safetensors or pytorch_model.bin, whole or in shards), and tokenizer.json, or vocab.json and merges.txt, where text is read.",
        HelpName = "DIR",
        Required = true,
    };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Seed of everything random.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public static Option<long?> ShardSize()
    {
        Option<long?> size = new("--shard-size")
        {
            Description = "Most megabytes of weights in a file; larger models get several and an index. [default: one file]",
            HelpName = "MB",
        };
        size.CustomParser = result => (long?)WholeNumber(size, result, 1) * 1_000_000;
        return size;
    }

    public static void Apply(int? threads)
    {
        if (threads is { } count)
            RowParallel.Threads = count;
    }

    /// <summary>Refuses a file that could not be written, before the work whose figures it is for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">The option that names it.</param>
    public static void RequireWritable(string path, string option = "--json")
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new ArgumentException($"{option} is empty; it must be a file.");
        if (Directory.Exists(path))
            throw new IOException($"{option} {path}: a folder is in the place of the file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new IOException($"{option} {path} is no file.");
        WritableFolder.Require(folder, $"{option} {path}");
    }

    public static Option<int?> AtLeast(this Option<int?> option, int least)
    {
        option.CustomParser = result => WholeNumber(option, result, least);
        return option;
    }

    public static Option<int> AtLeast(this Option<int> option, int least, int most = int.MaxValue)
    {
        option.CustomParser = result => WholeNumber(option, result, least, most);
        return option;
    }

    /// <summary>Takes numbers of a range only.</summary>
    /// <param name="option">The option.</param>
    /// <param name="allowed">Whether a number belongs to the range; it is finite.</param>
    /// <param name="range">The range in words.</param>
    public static Option<T> Within<T>(this Option<T> option, Func<T, bool> allowed, string range)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number) && T.IsFinite(number) && allowed(number))
                return number;
            result.AddError($"{option.Name} is '{text}'; it must be a number {range}.");
            return T.Zero;
        };
        return option;
    }

    private static int WholeNumber(Option option, ArgumentResult result, int least, int most = int.MaxValue)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        result.AddError($"{option.Name} is '{text}'; it must be a whole number from {least} {(most < int.MaxValue || IsTooLong(text) ? $"to {most}" : "on")}.");
        return least;
    }

    private static bool IsTooLong(string text) =>
        BigInteger.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out BigInteger number) && number > int.MaxValue;

    /// <summary>What cannot be read is a mistake in the command, known before anything is loaded; the message names the option.</summary>
    /// <param name="option">The option.</param>
    /// <param name="parse">Reads a value, or throws an <see cref="ArgumentException"/> that says what is wrong.</param>
    public static void MustParse<T>(this Option<T> option, Action<string> parse) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 0)
            return;
        try
        {
            parse(result.Tokens[0].Value);
        }
        catch (ArgumentException error)
        {
            string message = ErrorText.Of(error);
            result.AddError(message.StartsWith(option.Name, StringComparison.Ordinal) ? message : $"{option.Name}: {message}");
        }
    });
}
