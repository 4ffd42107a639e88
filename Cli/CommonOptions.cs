using System.CommandLine;

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
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int?>() < least)
                result.AddError($"{option.Name} is {result.Tokens[0].Value}; it must be at least {least}.");
        });
        return option;
    }

    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() < least)
                result.AddError($"{option.Name} is {result.Tokens[0].Value}; it must be at least {least}.");
        });
        return option;
    }
}
