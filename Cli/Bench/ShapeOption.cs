using System.CommandLine;
using System.Globalization;

namespace SpikeEngine.Cli.Bench;

/// <summary>Sizes of products, as in 512x768x3352: vectors, inputs, outputs.</summary>
internal static class ShapeOption
{
    private const string Name = "--shape";

    public static Option<string[]> Create()
    {
        Option<string[]> option = new(Name)
        {
            Description = "Measure products of this size, with binary spikes, instead of the usual ones: vectors x inputs x outputs, as in 512x768x3072. May be given several times.",
            HelpName = "MxKxN",
        };
        option.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (!TryParse(text, out _))
                    result.AddError($"{Name}: '{text}' is not three whole numbers from 1 on, as in 512x768x3072.");
            }
        });
        return option;
    }

    /// <summary>What was given; none of nothing.</summary>
    public static (int M, int K, int N)[] Of(string[]? texts) =>
        [.. (texts ?? []).Select(text => TryParse(text, out (int M, int K, int N) shape) ? shape : throw new ArgumentException($"{Name}: '{text}' is no shape."))];

    private static bool TryParse(string text, out (int M, int K, int N) shape)
    {
        int[] sizes = [.. text.Split('x').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0)];
        shape = sizes is [> 0, > 0, > 0] ? (sizes[0], sizes[1], sizes[2]) : default;
        return shape != default;
    }
}
