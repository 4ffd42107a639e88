using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Alignment;

namespace SpikeEngine.Tests.Training.Alignment;

/// <summary>Prompts of a small text with answers that sing (chosen) or wait (rejected), of different lengths.</summary>
public sealed class ToyPreferences : IDisposable
{
    private readonly TinyText _text = new();

    public ToyPreferences()
    {
        Encoding = new PreferenceEncoding(_text.Tokenizer, maxLength: 24);
        Texts = [.. _text.Lines.Take(24).Select((line, i) => new PreferenceText(line[..(8 + i % 7)], i % 3 == 0 ? " sings" : " sings in the garden", " waits near the river"))];
        Pairs = new PreferencePairs(Texts, Encoding, CancellationToken.None);
        Examples = new LabelledCompletions(
            [.. Texts.SelectMany(t => new[] { new LabelledText(t.Prompt, t.Chosen, true), new LabelledText(t.Prompt, t.Rejected, false) })],
            Encoding, CancellationToken.None);
    }

    public PreferenceEncoding Encoding { get; }

    public IReadOnlyList<PreferenceText> Texts { get; }

    public PreferencePairs Pairs { get; }

    public LabelledCompletions Examples { get; }

    /// <summary>The same in every call.</summary>
    public Mamba2LanguageModel Policy(bool spiking = false)
    {
        Mamba2LanguageModel model = TinyModels.Dense(TinyModels.Config with { VocabSize = _text.Tokenizer.VocabSize });
        return spiking ? TinyModels.Student(model, 0.25f) : model;
    }

    public PreferenceObjective Objective(string method, Mamba2LanguageModel policy, int batchSize = 4, ulong seed = 5, float beta = 0.5f) =>
        method == "dpo"
            ? new DpoObjective(policy, Pairs, Scores(policy, Pairs.Continuations), new DpoOptions { Beta = beta }, batchSize, seed)
            : new KtoObjective(policy, Examples, Scores(policy, Examples.Continuations), new KtoOptions { Beta = beta }, batchSize, seed);

    /// <summary>One micro-batch: loss and what is reported, with the gradients added to the parameters'.</summary>
    public static (float Loss, IReadOnlyDictionary<string, double> Metrics) Run(PreferenceObjective objective, Workspace workspace)
    {
        using Workspace.Scope scope = workspace.Open();
        objective.Next();
        using Tape tape = Tape.Begin();
        Tensor loss = objective.Loss();
        tape.Backward(loss);
        Metrics metrics = new();
        objective.Report(metrics);
        return (loss.Item(), metrics.Means());
    }

    public void Dispose() => _text.Dispose();

    private static ReferenceScores Scores(Mamba2LanguageModel policy, IReadOnlyList<SpikeEngine.Training.Evaluation.Continuation> continuations) =>
        ReferenceScores.Compute(policy, continuations, cacheFolder: null, CancellationToken.None);
}
