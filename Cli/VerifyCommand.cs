using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using SpikeEngine.Model;

namespace SpikeEngine.Cli;

/// <summary><c>spike verify</c>: proves on the machine at hand that a model gives the same however it is run.</summary>
internal static class VerifyCommand
{
    private const int MostTokens = 300;   // more than a chunk of the published models, and no multiple of it
    private const int FewestTokens = 12;

    // Each comparison reads the weights about once a token; seven of them shall stay below a minute.
    private static readonly TimeSpan s_budgetOfSteps = TimeSpan.FromSeconds(7);

    public static Command Create(TextWriter output)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> spiking = SpikingOption.Create();
        Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("verify", "Prove that a model gives the same step by step, in chunks, in pieces, padded, and with any number of threads; takes less than a minute.")
        {
            model, spiking, json, seed, threads,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                CommonOptions.Apply(parsed.GetValue(threads));
                SpikingOption? neurons = SpikingOption.Parse(parsed.GetValue(spiking));
                var decoder = LanguageDecoder.Load(parsed.GetRequiredValue(model), new DecoderOptions { Spiking = neurons?.Config });
                int[] tokens = Tokens(decoder, parsed.GetValue(seed));
                decoder = neurons?.Calibrate(decoder, tokens) ?? decoder;
                ModelCheckRow[] rows = [.. ModelCheck.Run(decoder, tokens, Math.Max(2, RowParallel.Threads), cancellation)];
                VerifyReport report = new(parsed.GetRequiredValue(model), tokens.Length, rows.All(row => row.Passes), rows);
                if (parsed.GetValue(json))
                    output.WriteLine(JsonSerializer.Serialize(report, VerifyJson.Default.VerifyReport));
                else
                    Print(report, Consoles.For(output));
                return report.Passes ? SpikeCommandLine.Success : SpikeCommandLine.Failure;
            },
            cancellation));
        return command;
    }

    /// <summary>As many random tokens as the time allows.</summary>
    private static int[] Tokens(LanguageDecoder decoder, ulong seed)
    {
        SeededRandom random = new(seed, "verify");
        DecoderSession session = decoder.NewSession();
        session.Step(0);   // brings the weights in
        long start = Stopwatch.GetTimestamp();
        session.Step(0);
        int count = Math.Clamp((int)(s_budgetOfSteps / Stopwatch.GetElapsedTime(start)), FewestTokens, Math.Min(MostTokens, decoder.Config.MaxLength ?? MostTokens));
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(decoder.Config.VocabSize))];
    }

    private static void Print(VerifyReport report, IAnsiConsole console)
    {
        Table table = Consoles.Table("must be the same", "largest difference", "of the largest logit", "allowed", "");
        foreach (ModelCheckRow row in report.Rows)
        {
            table.AddRow(
                new Text(Name(row)), Cell($"{row.LargestDifference:E1}"), Cell($"{row.Relative:E1}"),
                row.Tolerance == 0 ? new Text("no bit") : Cell($"{row.Tolerance:E0}"), new Text(row.Passes ? "same" : "DIFFERENT"));
        }

        console.Write(table);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{report.Model}: {(report.Passes ? "all the same" : "NOT the same")}, over {report.Tokens} random tokens"));
    }

    private static string Name(ModelCheckRow row) => row.TokensWithOtherSpikes is { } apart
        ? string.Create(CultureInfo.InvariantCulture, $"{row.Name} (but for {apart} tokens with other spikes)")
        : row.Name;

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What <c>spike verify</c> found.</summary>
internal sealed record VerifyReport(string Model, int Tokens, bool Passes, IReadOnlyList<ModelCheckRow> Rows);

/// <summary>JSON of <c>spike verify --json</c>, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class VerifyJson : JsonSerializerContext;
