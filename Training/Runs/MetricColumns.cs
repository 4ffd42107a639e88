namespace SpikeEngine.Training.Runs;

/// <summary>Names in <c>metrics.jsonl</c>. What an objective adds keeps its own name; what is measured on held-out data begins with <c>validation_</c>.</summary>
internal static class MetricColumns
{
    public const string Loss = "loss";
    public const string SmoothedLoss = "smoothed_loss";
    public const string LearningRate = "lr";
    public const string GradientNorm = "grad_norm";
    public const string Tokens = "tokens";
    public const string Images = "images";
    public const string Elapsed = "elapsed_s";
    public const string Skipped = "skipped";
    public const string ValidationLoss = ValidationPrefix + "loss";

    private const string ValidationPrefix = "validation_";

    /// <summary>The name of the speed at which something is seen, such as <see cref="Tokens"/>.</summary>
    public static string PerSecond(string unit) => unit + "_per_s";

    public static bool IsValidation(string name) => name.StartsWith(ValidationPrefix, StringComparison.Ordinal);

    /// <summary>The name of something that was measured on held-out data.</summary>
    public static string OfValidation(string name) => IsValidation(name) ? name : ValidationPrefix + name;
}
