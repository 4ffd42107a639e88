using System.Diagnostics;
using System.Globalization;
using System.Text;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Benchmarks.Data;

/// <summary>
/// <c>data</c>: writes a text of any size, tokenises it into a cache, draws batches, and prints speeds and the peak of memory, which the
/// size must not change. Everything it writes goes away again.
/// </summary>
internal static class DataCommand
{
    private const string Usage = "Usage: data [--gigabytes SIZE] [--folder FOLDER]";
    private const int VocabSize = 4096, BatchSize = 8, Length = 256, Batches = 20_000;

    /// <returns>Exit code.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        double gigabytes = 1;
        string parent = Path.GetTempPath();
        for (int i = 0; i < args.Count; i += 2)
        {
            bool known = i + 1 < args.Count && args[i] switch
            {
                "--gigabytes" => double.TryParse(args[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out gigabytes) && gigabytes is > 0 and < 1e4,
                "--folder" => Directory.Exists(parent = args[i + 1]),
                _ => false,
            };
            if (!known)
            {
                errors.WriteLine(Usage);
                return 1;
            }
        }

        string folder = Directory.CreateDirectory(Path.Combine(parent, "spike-data-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        try
        {
            Measure(folder, (long)(gigabytes * 1e9), output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Measure(string folder, long bytes, TextWriter output)
    {
        string text = Path.Combine(folder, "text.txt");
        RandomText random = new(seed: 1);
        string tokenizerPath = Path.Combine(folder, "tokenizer.json");
        BytePairTrainer.Train([.. Enumerable.Range(0, 2000).SelectMany(_ => random.Document().Split('\n'))], VocabSize).Save(tokenizerPath);
        Tokenizer tokenizer = Tokenizer.Load(tokenizerPath);
        Write(text, random, bytes);

        DocumentFiles source = new([text]);
        output.WriteLine(Line($"{source.Bytes:N0} bytes of text, {RowParallel.Threads} threads, {tokenizer.VocabSize} tokens in the vocabulary"));
        Tell(output, "before", 0, $"");

        var clock = Stopwatch.StartNew();
        using (TokenCache built = TokenCache.OpenOrBuild(folder, source, tokenizer))
        {
            double seconds = clock.Elapsed.TotalSeconds;
            Tell(output, "tokenised", seconds, $"{source.Bytes / seconds / 1e6:F1} MB/s, {built.Count / seconds:N0} tokens/s; {built.Count:N0} tokens of {built.Documents:N0} documents");
        }

        clock.Restart();
        using TokenCache cache = TokenCache.OpenOrBuild(folder, source, tokenizer);
        Tell(output, "found again, and verified", clock.Elapsed.TotalSeconds, $"{source.Bytes / clock.Elapsed.TotalSeconds / 1e6:F0} MB/s");

        TokenBatches batches = new(cache, BatchSize, Length, seed: 1, resetState: true);
        clock.Restart();
        for (int i = 0; i < Batches; i++)
            batches.Next();
        double each = clock.Elapsed.TotalSeconds / Batches;
        Tell(output, "batches drawn", clock.Elapsed.TotalSeconds, $"{1e6 * each:F0} µs for a batch of {BatchSize} x {Length}, {Batches * (double)BatchSize * Length / cache.Count:F2} passes");
    }

    private static void Write(string path, RandomText random, long bytes)
    {
        using StreamWriter writer = new(path, append: false, new UTF8Encoding(false), 1 << 20);
        while (writer.BaseStream.Position < bytes)
        {
            writer.Write(random.Document());
            writer.Write("<|endoftext|>\n");
        }
    }

    private static void Tell(TextWriter output, string what, double seconds, FormattableString numbers)
    {
        using Process process = Process.GetCurrentProcess();
        output.WriteLine(Line($"{what,-26} {seconds,7:F1} s, peak {process.PeakWorkingSet64 / 1e6,5:F0} MB  ") + Line(numbers));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
