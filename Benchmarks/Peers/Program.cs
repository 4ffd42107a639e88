using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using SpikeEngine;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Peers;

(int M, int K, int N)[] shapes = [(1024, 1024, 1024), (512, 768, 3352), (64, 64, 256), (1, 768, 3352), (1, 768, 50288)];
string[] slowing = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"];
Option<int?> threads = new("--threads") { Description = "Threads to use. [default: one, and then all processors]", HelpName = "N" };
Option<int> rounds = new("--rounds") { Description = "Turns of each contestant.", HelpName = "N", DefaultValueFactory = _ => 15 };
Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
foreach (Option option in new Option[] { threads, rounds })
{
    option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0))
            result.AddError($"{option.Name} {token.Value}: it must be a whole number from 1 on.");
    });
}

RootCommand root = new("Linear layers of this engine in turns with the system's OpenBLAS and oneDNN, float32; let nothing else run meanwhile.")
{
    threads, rounds, json,
};
root.SetAction(parsed =>
{
    // Either halves OpenBLAS: it would not be the peer that people have.
    foreach (string variable in slowing)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
            throw new InvalidOperationException($"{variable} is set, which slows OpenBLAS down; unset it.");
    }

    int[] counts = parsed.GetValue(threads) is { } one ? [one] : Environment.ProcessorCount > 1 ? [1, Environment.ProcessorCount] : [1];
    Console.WriteLine($"{Processor.Name}; OpenBLAS for {OpenBlas.Core}, oneDNN {OneDnn.Version}; x fast, median of {parsed.GetValue(rounds)} rounds (min to max)");
    Table table = new() { Border = TableBorder.Rounded };
    table.AddColumns("m x k x n", "threads", "ours, ms", "ours packed, ms", "OpenBLAS, ms", "oneDNN, ms", "ours / OpenBLAS", "packed / OpenBLAS", "packed / oneDNN");
    List<ContestRow> rows = [];
    foreach ((int m, int k, int n) in shapes)
    {
        foreach (int count in counts)
        {
            ContestRow row = Contest.Run(m, k, n, count, parsed.GetValue(rounds));
            rows.Add(row);
            table.AddRow(
                $"{m}x{k}x{n}", count.ToString(CultureInfo.InvariantCulture), Ms(row.OnTheFlyMs), Ms(row.AheadMs), Ms(row.OpenblasMs), Ms(row.OnednnMs),
                Ratio(row.OnTheFlyVsOpenblas), Ratio(row.AheadVsOpenblas), Ratio(row.AheadVsOnednn));
        }
    }

    if (!AnsiConsole.Profile.Out.IsTerminal)
        AnsiConsole.Profile.Width = 240;
    AnsiConsole.Write(table);
    if (parsed.GetValue(json) is { } path)
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, rows.ToArray(), ContestJson.Default.ContestRowArray));
    return 0;

    static string Ms(Spread spread) => string.Create(CultureInfo.InvariantCulture, $"{spread.Median:F3}");

    static string Ratio(Spread spread) => string.Create(CultureInfo.InvariantCulture, $"{spread.Median:F2} ({spread.Min:F2} to {spread.Max:F2})");
});

try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (DllNotFoundException error)
{
    Console.Error.WriteLine($"A peer is missing: install the Debian packages {OpenBlas.Package} and {OneDnn.Package}. ({error.Message.Split('\n')[0]})");
    return 1;
}
catch (Exception error) when (error is InvalidOperationException or IOException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
