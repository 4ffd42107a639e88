using System.Globalization;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Training.Quickstart;

/// <summary>The text of a run in every form that it needs: lines, tokens, questions.</summary>
internal sealed class QuickstartText
{
    // A short text of one's own holds out more, for a perplexity that means something.
    private const double MostValidationShare = 0.1;

    // Fewer questions than this, and the accuracy's standard error passes two points.
    private const int EnoughClozeItems = 500;

    private QuickstartText(
        string source, double validationShare, Tokenizer tokenizer, TokenizedText train, TokenizedText validation,
        IReadOnlyList<string> validationLines, IReadOnlyList<ClozeItem> cloze)
    {
        Source = source;
        ValidationShare = validationShare;
        Tokenizer = tokenizer;
        Train = train;
        Validation = validation;
        ValidationLines = validationLines;
        Cloze = cloze;
    }

    public string Source { get; }

    public double ValidationShare { get; }

    public Tokenizer Tokenizer { get; }

    public TokenizedText Train { get; }

    public TokenizedText Validation { get; }

    public IReadOnlyList<string> ValidationLines { get; }

    public IReadOnlyList<ClozeItem> Cloze { get; }

    /// <summary>Reads, learns the vocabulary and encodes. The tokenizer's file is written on the way and stays.</summary>
    public static QuickstartText Prepare(QuickstartOptions options, string tokenizerPath, StageLog log, CancellationToken cancellation)
    {
        double share = options.TextFiles.Count == 0 ? TextCorpus.DefaultValidationShare : ShareToHoldOut(options);
        (string source, IReadOnlyList<string> train, IReadOnlyList<string> validation, IReadOnlyList<ClozeItem> cloze) =
            log.Run(QuickstartStage.Corpus, () => Read(options, share, log, cancellation), r => string.Create(
                CultureInfo.InvariantCulture, $"{r.Source}: {r.Train.Count:N0} lines to learn from, {r.Validation.Count:N0} held out"));

        Tokenizer tokenizer = log.Run(QuickstartStage.Tokenizer, () =>
        {
            BytePairTrainer.Train(train, options.VocabSize, cancellation).Save(tokenizerPath);
            return Tokenizer.Load(tokenizerPath);
        }, t => string.Create(CultureInfo.InvariantCulture, $"byte-level BPE, {t.VocabSize:N0} tokens"));

        (TokenizedText Train, TokenizedText Validation) encoded = log.Run(
            QuickstartStage.Encode,
            () => (TokenizedText.Encode(tokenizer, train, cancellation), TokenizedText.Encode(tokenizer, validation, cancellation)),
            e => string.Create(
                CultureInfo.InvariantCulture, $"{e.Item1.Ids.Length:N0} tokens, {e.Item2.Ids.Length:N0} held out, {e.Item1.BytesPerToken:F2} bytes each"));
        return new QuickstartText(source, share, tokenizer, encoded.Train, encoded.Validation, validation, cloze);
    }

    private static (string Source, IReadOnlyList<string> Train, IReadOnlyList<string> Validation, IReadOnlyList<ClozeItem> Cloze) Read(
        QuickstartOptions options, double validationShare, StageLog log, CancellationToken cancellation)
    {
        TextCorpus corpus = options.TextFiles.Count == 0
            ? TextCorpus.FromSdkDocumentation(validationShare, cancellation)
            : TextCorpus.FromFiles(options.TextFiles, validationShare, cancellation);
        IReadOnlyList<string> train = Sample(corpus.Train, options.MostTrainBytes, "training", log);
        IReadOnlyList<string> validation = Sample(corpus.Validation, options.MostValidationBytes, "validation", log);

        // Made now, so that a text that is too short is refused before the training and not after it.
        IReadOnlyList<ClozeItem> cloze = ClozeLines.MakeItems(corpus.Validation, options.ClozeItems, options.Seed);
        if (cloze.Count < Math.Min(options.ClozeItems, EnoughClozeItems))
        {
            log.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"The held-out text gives only {cloze.Count:N0} of {options.ClozeItems:N0} cloze items; read the accuracy with its standard error."));
        }

        return (corpus.Source, train, validation, cloze);
    }

    private static double ShareToHoldOut(QuickstartOptions options)
    {
        long bytes = options.TextFiles.Where(File.Exists).Sum(path => new FileInfo(path).Length);
        return Math.Clamp((double)options.MostValidationBytes / Math.Max(1, bytes), TextCorpus.DefaultValidationShare, MostValidationShare);
    }

    private static IReadOnlyList<string> Sample(IReadOnlyList<string> lines, long bytes, string part, StageLog log)
    {
        IReadOnlyList<string> sample = LineSample.Evenly(lines, bytes);
        if (sample.Count < lines.Count)
        {
            log.Note(string.Create(
                CultureInfo.InvariantCulture, $"The {part} text is long: {sample.Count:N0} of its {lines.Count:N0} lines are used, taken evenly."));
        }

        return sample;
    }
}
