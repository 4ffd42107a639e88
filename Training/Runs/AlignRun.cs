using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Runs;

/// <summary>Aligns a model, dense or spiking, with preferences: DPO or KTO.</summary>
public static class AlignRun
{
    /// <inheritdoc cref="TrainRun.Run"/>
    public static RunResult Run(RunConfig config, string folder, ExistingRun existing, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(observer);
        string from = config.Model.From ?? throw new ArgumentException("The configuration names no model to start from.", nameof(config));
        LanguageModel policy = ModelFolder.Load(from);
        var loop = RunLoop.Begin(config, folder, existing, observer, cancellation);
        loop.TakeTokenizerOf(from);
        PreferenceEncoding encoding = new(Tokenizer.Load(loop.TokenizerPath), config.Data.SequenceLength);
        LanguageModel reference = config.Alignment.Reference is { } other ? ModelFolder.Load(other) : policy;
        return loop.Run(config.Alignment.Method == AlignmentSettings.Dpo
            ? Dpo(config, policy, reference, encoding, loop)
            : Kto(config, policy, reference, encoding, loop));
    }

    private static RunParts Dpo(RunConfig config, LanguageModel policy, LanguageModel reference, PreferenceEncoding encoding, RunLoop loop)
    {
        DpoOptions options = new() { Beta = (float)config.Alignment.Beta, LabelSmoothing = (float)config.Alignment.LabelSmoothing };
        (PreferencePairs pairs, ReferenceScores scores) = Read("preferences", config.Data.Train);
        if (pairs.EqualCount > 0)
            loop.Observer.Note($"{pairs.EqualCount} of {pairs.Count} pairs have the same answer twice, as tokens; they teach nothing.");
        DpoObjective objective = new(policy, pairs, scores, options, config.Data.BatchSize, config.Seeds.Data ?? config.Seed);
        Action<Metrics, CancellationToken>? validation = null;
        if (config.Data.Validation.Count > 0)
        {
            (PreferencePairs held, ReferenceScores heldScores) = Read("held-out preferences", config.Data.Validation);
            validation = (metrics, stop) => PreferenceEvaluation.Measure(policy, held, heldScores, options, metrics, stop);
        }

        return loop.Parts(policy, objective, (double)pairs.Count / config.Data.BatchSize, validation);

        (PreferencePairs, ReferenceScores) Read(string stage, IReadOnlyList<string> paths)
        {
            PreferencePairs read = new(
                [.. paths.SelectMany(path => PreferenceFile.ReadPairs(path, loop.Cancellation))], encoding, loop.Cancellation);
            return (read, Scores(stage, $"{read.Count:N0} pairs", config, reference, read.Continuations, loop));
        }
    }

    private static RunParts Kto(RunConfig config, LanguageModel policy, LanguageModel reference, PreferenceEncoding encoding, RunLoop loop)
    {
        KtoOptions options = new()
        {
            Beta = (float)config.Alignment.Beta,
            DesirableWeight = (float)config.Alignment.DesirableWeight,
            UndesirableWeight = (float)config.Alignment.UndesirableWeight,
        };
        (LabelledCompletions examples, ReferenceScores scores) = Read("preferences", config.Data.Train);
        KtoObjective objective = new(policy, examples, scores, options, config.Data.BatchSize, config.Seeds.Data ?? config.Seed);
        Action<Metrics, CancellationToken>? validation = null;
        if (config.Data.Validation.Count > 0)
        {
            (LabelledCompletions held, ReferenceScores heldScores) = Read("held-out preferences", config.Data.Validation);
            validation = (metrics, stop) => PreferenceEvaluation.Measure(policy, held, heldScores, options, metrics, stop);
        }

        return loop.Parts(policy, objective, (double)examples.Count / config.Data.BatchSize, validation);

        (LabelledCompletions, ReferenceScores) Read(string stage, IReadOnlyList<string> paths)
        {
            LabelledCompletions read = new(
                [.. paths.SelectMany(path => PreferenceFile.ReadLabelled(path, loop.Cancellation))], encoding, loop.Cancellation);
            string what = FormattableString.Invariant($"{read.DesirableCount:N0} desirable and {read.Count - read.DesirableCount:N0} undesirable completions");
            return (read, Scores(stage, what, config, reference, read.Continuations, loop));
        }
    }

    private static ReferenceScores Scores(
        string stage, string what, RunConfig config, LanguageModel reference, IReadOnlyList<Continuation> continuations, RunLoop loop) => loop.Observer.Run(
            stage,
            progress =>
            {
                string cache = config.Data.Cache ?? TokenCache.DefaultFolder;
                Directory.CreateDirectory(cache);
                return ReferenceScores.Compute(reference, continuations, cache, loop.Cancellation, new Share(progress, continuations.Count));
            },
            s => string.Create(CultureInfo.InvariantCulture, $"{what}, reference scores {(s.FromCache ? "from the cache" : "computed")}"));

    private sealed class Share(IProgress<double> progress, int all) : IProgress<int>
    {
        public void Report(int value) => progress.Report((double)value / all);
    }
}
