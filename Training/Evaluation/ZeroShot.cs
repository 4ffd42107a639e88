using SpikeEngine.Model;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Evaluation.Tasks;

namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// Evaluation without examples, with the prompts, the splitting of tokens and the metrics of lm-evaluation-harness, so that figures compare.
/// </summary>
public static class ZeroShot
{
    /// <summary>Tokens of a window, unless something else is asked for: what published figures of Mamba models were measured with.</summary>
    public const int DefaultMaxLength = EvaluationContext.DefaultMaxLength;

    /// <summary>Evaluates a model on one task.</summary>
    /// <inheritdoc cref="Run(LanguageDecoder, Tokenizer, string, string, int?, int, IProgress{double}?, CancellationToken)"/>
    public static TaskResult Run(
        LanguageDecoder model, Tokenizer tokenizer, string task, string dataFolderOrFile, int? limit = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default) =>
        Run(model, tokenizer, task, dataFolderOrFile, limit, DefaultMaxLength, progress, cancellation);

    /// <summary>Evaluates a model on one task, with another window.</summary>
    /// <param name="model">The model, dense or spiking, of any storage type.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="task">One of <see cref="ZeroShotTasks.Names"/>, or <c>cloze:FILE</c> or <c>text:FILE</c>.</param>
    /// <param name="dataFolderOrFile">A folder to look for the task's file in, or the file; for <c>cloze:</c> and <c>text:</c> where a relative FILE may be.</param>
    /// <param name="limit">Most items; for BLiMP of each paradigm, for texts most documents. Null for all.</param>
    /// <param name="maxLength">Tokens of a window: what is longer loses its beginning, and longer texts are predicted window by window.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentException">There is no such task, or a continuation is longer than a window.</exception>
    /// <exception cref="IOException">There are no data of the task.</exception>
    /// <exception cref="InvalidDataException">The data are not as they should be: the message names file, line and field. Or the tokenizer does not fit
    /// the model, or the model gives no numbers.</exception>
    public static TaskResult Run(
        LanguageDecoder model, Tokenizer tokenizer, string task, string dataFolderOrFile, int? limit, int maxLength, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataFolderOrFile);
        if (limit is { } most)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most, nameof(limit));
        var context = EvaluationContext.Of(model, tokenizer, maxLength, progress, cancellation);
        (EvaluationTask found, string path) = ZeroShotTasks.Locate(task, dataFolderOrFile);
        return found.Run(context, path, limit) with { Source = path };
    }

    /// <summary>The mean of the tasks' usual metrics, over those that have an accuracy; null when there are none.</summary>
    /// <param name="results">Of the tasks.</param>
    public static TaskMetric? Mean(IEnumerable<TaskResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        TaskMetric[] accuracies = [.. results.Select(result => result.Main).Where(metric => metric.Name.StartsWith(ChoiceTask.Accuracy, StringComparison.Ordinal))];
        return accuracies.Length == 0 ? null : Estimates.Average("mean", accuracies);
    }
}
