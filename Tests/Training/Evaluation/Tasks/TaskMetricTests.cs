using System.Globalization;
using System.Text;
using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Evaluation.Tasks;

namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

/// <summary>Figures against naive computations, item by item.</summary>
public sealed class TaskMetricTests : IDisposable
{
    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ChoicesByLikelihoodCharacterAndByte()
    {
        string path = Items(30);
        TaskResult result = Run("tinystories_cloze", path);

        List<double> accuracy = [], perCharacter = [], perByte = [];
        foreach (string line in File.ReadLines(path))
        {
            using var item = JsonDocument.Parse(line);
            string query = item.RootElement.GetProperty("query").GetString()!;
            string[] choices = [.. item.RootElement.GetProperty("choices").EnumerateArray().Select(choice => choice.GetString()!)];
            int gold = item.RootElement.GetProperty("gold").GetInt32();
            double[] scores = [.. choices.Select(choice => Naive(query, " " + choice))];
            accuracy.Add(Right(scores, gold));
            perCharacter.Add(Right([.. scores.Zip(choices, (score, choice) => score / new StringInfo(choice).LengthInTextElements)], gold));
            perByte.Add(Right([.. scores.Zip(choices, (score, choice) => score / Encoding.UTF8.GetByteCount(choice))], gold));
        }

        AssertMean(accuracy, result["acc"]!);
        AssertMean(perCharacter, result["acc_norm"]!);
        AssertMean(perByte, result["acc_bytes"]!);
        Assert.Equal("acc_norm", result.Main.Name);
        Assert.Contains(result.Samples, sample => sample.Chosen[1].Choice != sample.Chosen[2].Choice);   // else letters of two bytes would test nothing
    }

    [Fact]
    public void OfEqualAnswersTheFirstIsChosen()
    {
        string path = _folder.Write("copa.jsonl", """
            {"query": "the cat", "choices": ["sleeps", "sleeps"], "gold": 0}
            {"query": "the cat", "choices": ["sleeps", "sleeps"], "gold": 1}
            """);
        TaskResult result = Run("copa", path);
        Assert.Equal([0, 0], result.Samples.Select(sample => sample.Chosen[0].Choice));
        Assert.Equal(0.5, result["acc"]!.Value);
        Assert.Equal(0.5, result["acc"]!.StandardError!.Value, 1e-12);
    }

    [Fact]
    public void LambadaCountsGreedyWordsAndTheirPerplexity()
    {
        // Half of the words are what the model would write.
        Mamba2Decoder decoder = new(_text.Model);
        List<double> logLikelihoods = [], right = [];
        StringBuilder lines = new();
        foreach (string line in _text.Lines.Take(12))
        {
            int last = line.LastIndexOf(' ');
            lines.AppendLine(JsonSerializer.Serialize(new { text = line }));
            logLikelihoods.Add(Naive(line[..last], line[last..]));
            right.Add(NaiveGreedy(line[..last], line[last..]) ? 1 : 0);
        }

        TaskResult result = ZeroShot.Run(decoder, _text.Tokenizer, "lambada", _folder.Write("lambada.jsonl", lines.ToString()));
        AssertMean(right, result["acc"]!);
        double mean = logLikelihoods.Average(), error = Math.Sqrt(logLikelihoods.Sum(x => (x - mean) * (x - mean)) / 11 / 12);
        Assert.Equal(1, result["perplexity"]!.Value / Math.Exp(-mean), 1e-3);
        Assert.Equal(1, result["perplexity"]!.StandardError!.Value / (Math.Exp(-mean) * error), 1e-2);
    }

    [Fact]
    public void BlimpHasTheFiguresOfItsPhenomenaAndALimitForEachParadigm()
    {
        StringBuilder lines = new();
        foreach ((string paradigm, string phenomenon) in ((string, string)[])[("one", "a"), ("two", "a"), ("three", "b")])
        {
            for (int i = 0; i < 5; i++)
                lines.AppendLine(CultureInfo.InvariantCulture, $$"""{"uid": "{{paradigm}}", "phenomenon": "{{phenomenon}}", "pair": {{i}}, "good": "{{_text.Lines[7 * i]}}", "bad": "{{_text.Lines[7 * i + paradigm.Length]}}"}""");
        }

        string path = _folder.Write("blimp.jsonl", lines.ToString());
        TaskResult all = Run("blimp", path), some = Run("blimp", path, limit: 2);

        Assert.Equal((15, 6), (all.Items, some.Items));
        Assert.Equal(["acc"], all.Metrics.Select(metric => metric.Name));
        Assert.Equal([("phenomenon", "a", 10), ("phenomenon", "b", 5)], all.Groups.Where(g => g.Kind == "phenomenon").Select(g => (g.Kind, g.Name, g.Items)).Order());
        Assert.Equal(["one", "three", "two"], all.Groups.Where(g => g.Kind == "paradigm").Select(g => g.Name).Order());
        TaskGroup b = all.Groups.First(g => g.Name == "b");
        AssertMean([.. all.Samples.Where(s => s.Id.StartsWith("three", StringComparison.Ordinal)).Select(s => s.Values[0].Value)], b.Metrics[0]);
        int end = _text.Tokenizer.EndOfTextId!.Value;
        foreach (ScoredRequest asked in all.Samples.SelectMany(sample => sample.Requests))
        {
            int[] tokens = _text.Tokenizer.Encode(asked.Request.Continuation);
            Assert.Equal(-TinyText.NaiveLosses(_text.Model, [end, .. tokens]).Sum(), asked.LogLikelihood, 1e-3);
        }
    }

    [Fact]
    public void TheMeanIsOverTheUsualFiguresOfTasksWithAnAccuracy()
    {
        TaskResult cloze = Run("tinystories_cloze", Items(8)), text = Run("text:" + _folder.Write("t.txt", _text.Lines[0]), _folder.Path);
        TaskMetric mean = ZeroShot.Mean([cloze, text, cloze])!;
        Assert.Equal(cloze.Main.Value, mean.Value, 1e-12);
        Assert.Equal(cloze.Main.StandardError!.Value / Math.Sqrt(2), mean.StandardError!.Value, 1e-12);
        Assert.Null(ZeroShot.Mean([text]));
    }

    [Fact]
    public void AModelAndATokenizerThatDoNotBelongTogetherAreRefused() => Assert.Throws<InvalidDataException>(
        () => ZeroShot.Run(new Mamba2Decoder(TinyModels.Dense()), _text.Tokenizer, "tinystories_cloze", Items(1)));

    [Fact]
    public void CancellationStopsIt() => Assert.Throws<OperationCanceledException>(() => ZeroShot.Run(
        new Mamba2Decoder(_text.Model), _text.Tokenizer, "tinystories_cloze", Items(3), cancellation: new CancellationToken(canceled: true)));

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    private TaskResult Run(string task, string data, int? limit = null) => ZeroShot.Run(new Mamba2Decoder(_text.Model), _text.Tokenizer, task, data, limit);

    /// <summary>Halves of lines with ends of different lengths, some of letters of two bytes.</summary>
    private string Items(int count)
    {
        StringBuilder lines = new();
        for (int i = 0; i < count; i++)
        {
            string line = _text.Lines[2 * i % _text.Lines.Count];
            int half = line.IndexOf(' ', line.Length / 3);
            string[] choices = i % 2 == 0
                ? [line[(half + 1)..], "ööö üü ä", _text.Lines[i][..(5 + i % 7)], "until the sun goes down again"]
                : ["xqzk", "ööüä", "zxkv", "äüö"];   // no letters that the tokenizer has learnt to join: a byte is a token
            lines.AppendLine(JsonSerializer.Serialize(new { id = i, query = line[..half], choices, gold = i % 4 }));
        }

        return _folder.Write("cloze.jsonl", lines.ToString());
    }

    private double Naive(string context, string continuation)
    {
        int[] whole = _text.Tokenizer.Encode(context + continuation);
        return -TinyText.NaiveLosses(_text.Model, whole).Skip(_text.Tokenizer.Encode(context).Length - 1).Sum();
    }

    private bool NaiveGreedy(string context, string continuation)
    {
        int[] whole = _text.Tokenizer.Encode(context + continuation);
        int first = _text.Tokenizer.Encode(context).Length, vocabulary = _text.Model.Config.VocabSize;
        double[] logits = _text.Model.Forward(whole.AsMemory(0, whole.Length - 1), 1).InDouble();
        return Enumerable.Range(first, whole.Length - first).All(i =>
        {
            double[] row = logits[((i - 1) * vocabulary)..(i * vocabulary)];
            return Array.IndexOf(row, row.Max()) == whole[i];
        });
    }

    private static double Right(double[] scores, int gold) => Array.IndexOf(scores, scores.Max()) == gold ? 1 : 0;

    private static void AssertMean(List<double> values, TaskMetric metric)
    {
        double mean = values.Average();
        Assert.Equal(mean, metric.Value, 1e-12);
        Assert.Equal(Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count), metric.StandardError!.Value, 1e-12);
    }
}
