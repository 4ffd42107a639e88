using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Runs;

/// <summary>Trains a language model on text: tokenizer, tokens, model, steps.</summary>
public static class TrainRun
{
    /// <summary>Runs to the end, or until it is stopped, which leaves a checkpoint to continue from.</summary>
    /// <param name="config">What to do, of kind <see cref="RunKind.Train"/>.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="existing">What to do when there is a run in it.</param>
    /// <param name="formats">What can be read beyond text and JSON lines.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="cancellation">Stops between two steps, and within preparations.</param>
    /// <exception cref="IOException">The folder is not to be used, or a file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">The data or a model cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before its first step.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradient was not finite several times in a row.</exception>
    public static RunResult Run(
        RunConfig config, string folder, ExistingRun existing, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(formats);
        ArgumentNullException.ThrowIfNull(observer);
        var loop = RunLoop.Begin(config, folder, existing, observer, cancellation);
        TakeTokenizer(loop, config, formats);
        Tokenizer tokenizer = Tokenizer.Load(loop.TokenizerPath);
        LanguageModel model = Model(config, tokenizer);
        using RunText text = RunText.Open(config.Data, tokenizer, formats, observer, cancellation);

        LanguageModelObjective objective = new(model, Batches(config, text, config.Seeds.Data ?? config.Seed));
        return loop.Run(loop.Parts(
            model, objective, (double)text.Train.Count / objective.TokensPerBatch, (metrics, stop) => text.HeldOut.Measure(model, metrics, stop)));
    }

    internal static TokenBatches Batches(RunConfig config, RunText text, ulong seed, bool movesCuts = true) =>
        new(text.Train, config.Data.BatchSize, config.Data.SequenceLength, seed, config.Data.ResetState, movesCuts);

    private static void TakeTokenizer(RunLoop loop, RunConfig config, RunFormats formats)
    {
        if (config.Tokenizer.Path is { } path)
            loop.TakeTokenizer(target => TokenizerFile.Copy(path, target));
        else if (config.Model.From is { } from)
            loop.TakeTokenizerOf(from);
        else
            loop.TakeTokenizer(target => Learn(loop, config, formats, target));
    }

    private static void Learn(RunLoop loop, RunConfig config, RunFormats formats, string target) => loop.Observer.Run(
        "tokenizer",
        progress =>
        {
            var vocabulary = RunText.LearnVocabulary(
                RunText.Source(config.Data, config.Data.Train, formats, loop.Observer, loop.Cancellation), config.Tokenizer, progress, loop.Cancellation);
            vocabulary.Save(target);
            return vocabulary;
        },
        v => string.Create(CultureInfo.InvariantCulture, $"byte-level BPE, {v.Tokens.Count:N0} tokens"));

    private static LanguageModel Model(RunConfig config, Tokenizer tokenizer)
    {
        LanguageModel model = config.Model.From is { } from
            ? ModelFolder.Load(from)
            : config.Model.ToConfig(tokenizer.VocabSize, config.Data.SequenceLength, tokenizer.EndOfTextId ?? 0).NewModel(ParameterStore.Random(config.Seeds.Model ?? config.Seed));
        return model.Config.VocabSize >= tokenizer.VocabSize
            ? model
            : throw new InvalidDataException($"The model has {model.Config.VocabSize} tokens, its tokenizer {tokenizer.VocabSize}: they do not belong together.");
    }
}
