using System.Globalization;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Data.Documents;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Training.Runs;

/// <summary>The text of a run as tokens, those to learn from and those to be measured on, out of the cache.</summary>
internal sealed class RunText : IDisposable
{
    private readonly List<TokenCache> _caches = [];

    private RunText(ITokenStream train, ITokenStream measured, HeldOutText heldOut) => (Train, Measured, HeldOut) = (train, measured, heldOut);

    public ITokenStream Train { get; }

    /// <summary>What <see cref="HeldOut"/> is the beginning of.</summary>
    public ITokenStream Measured { get; }

    public HeldOutText HeldOut { get; }

    /// <summary>The documents of some paths, or those of the SDK.</summary>
    /// <exception cref="FileNotFoundException">A path does not exist, or there is no SDK.</exception>
    public static IDocumentSource Source(DataSettings data, IReadOnlyList<string> paths, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        if (paths is [DataSettings.SdkDocs])
            return new SdkDocuments(cancellation);
        DocumentFiles files = new(paths, new DocumentOptions { Split = TextSplit.Parse(data.Split), TextField = data.TextField }, formats.Documents);
        if (files.Ignored.Count > 0)
            observer.Note($"{files.Ignored.Count} file(s) of the folders have endings that are not read, such as {files.Ignored[0]}.");
        return files;
    }

    /// <summary>Learns a vocabulary from the beginning of the text.</summary>
    public static BytePairVocabulary LearnVocabulary(IDocumentSource source, TokenizerSettings settings, IProgress<double> progress, CancellationToken cancellation)
    {
        long read = 0;
        double all = Math.Max(1, Math.Min(source.Bytes, settings.MostCharacters));
        IEnumerable<string> text = source.Read(cancellation: cancellation).TakeWhile(part =>
        {
            progress.Report(Math.Min(1, read / all));
            bool wanted = read < settings.MostCharacters;
            read += part.Text.Length;
            return wanted;
        }).Select(part => part.Text);
        return BytePairTrainer.Train(text, settings.VocabSize ?? BytePairTrainer.DefaultVocabSize, cancellation);
    }

    /// <summary>Tokenises, or finds what was tokenised before.</summary>
    /// <exception cref="InvalidDataException">There is too little text.</exception>
    public static RunText Open(DataSettings data, Tokenizer tokenizer, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        TokenCache train = Cache("tokens", data.Train);
        TokenCache? validation = null;
        try
        {
            validation = data.Validation.Count == 0 ? null : Cache("validation tokens", data.Validation);
            (ITokenStream learn, ITokenStream measure) = validation is null ? HoldOut(train, data) : (train, validation);
            RunText text = new(learn, measure, new HeldOutText(measure, data.MostValidationTokens, data.SequenceLength, tokenizer, data.ResetState));
            if (text.HeldOut.Count < 2)
                throw new InvalidDataException("The text to be measured on has fewer than two tokens; name more with 'data.validation', or raise 'data.validation_share'.");
            if (learn.Count <= data.SequenceLength)
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The text has {learn.Count:N0} tokens to learn from, fewer than 'data.sequence_length' {data.SequenceLength} and one to predict."));
            }

            text._caches.AddRange(validation is null ? [train] : [train, validation]);
            return text;
        }
        catch
        {
            train.Dispose();
            validation?.Dispose();
            throw;
        }

        TokenCache Cache(string stage, IReadOnlyList<string> paths) => observer.Run(
            stage,
            progress => TokenCache.OpenOrBuild(
                data.Cache ?? TokenCache.DefaultFolder, Source(data, paths, formats, observer, cancellation), tokenizer, new Share(progress), cancellation),
            cache => string.Create(CultureInfo.InvariantCulture, $"{cache.Count:N0} tokens of {cache.Documents:N0} documents"));
    }

    public void Dispose()
    {
        foreach (TokenCache cache in _caches)
            cache.Dispose();
    }

    private static (ITokenStream Train, ITokenStream Validation) HoldOut(TokenCache all, DataSettings data)
    {
        (TokenRange train, TokenRange validation) = TokenRange.HoldOut(all, data.ValidationShare ?? DataSettings.UsualValidationShare);
        return (train, validation);
    }

    private sealed class Share(IProgress<double> progress) : IProgress<TokenizingProgress>
    {
        public void Report(TokenizingProgress value) => progress.Report(value.TotalBytes == 0 ? 1 : (double)value.Bytes / value.TotalBytes);
    }
}
