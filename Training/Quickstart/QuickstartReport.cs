using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Every number of a quickstart, with the settings and the machine that gave it.</summary>
public sealed record QuickstartReport
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string FileName = "report.json";

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Seconds of the whole run.</summary>
    public required double ElapsedS { get; init; }

    /// <summary>Validation perplexity of token frequencies alone.</summary>
    public required double UnigramPpl { get; init; }

    /// <summary>Bits per byte of token frequencies alone.</summary>
    public required double UnigramBitsPerByte { get; init; }

    /// <summary>The dense model.</summary>
    public required ModelScores Teacher { get; init; }

    /// <summary>The spiking model.</summary>
    public required StudentScores Student { get; init; }

    /// <summary>Student against teacher.</summary>
    public required ReportRatios Ratios { get; init; }

    /// <summary>Modelled energy.</summary>
    public required EnergySummary Energy { get; init; }

    /// <summary>The text.</summary>
    public required CorpusSummary Corpus { get; init; }

    /// <summary>Training of the teacher.</summary>
    public required TrainingSummary TeacherTraining { get; init; }

    /// <summary>Training of the student.</summary>
    public required TrainingSummary StudentTraining { get; init; }

    /// <summary>Text from both models.</summary>
    public required SampleSummary Sample { get; init; }

    /// <summary>Time of each stage.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }

    /// <summary>What the user was told on the way, such as a plan that had to be cut.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The settings, the seed among them.</summary>
    public required QuickstartOptions Settings { get; init; }

    /// <summary>The machine.</summary>
    public required MachineDescription Machine { get; init; }

    /// <summary>Writes it as JSON, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, ReportJson.Default.QuickstartReport));
}

/// <summary>How good and how fast a model is.</summary>
public record ModelScores
{
    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Validation perplexity per token.</summary>
    public required double ValPpl { get; init; }

    /// <summary>Validation bits per byte.</summary>
    public required double BitsPerByte { get; init; }

    /// <summary>Share of the cloze items that it got right, in [0, 1].</summary>
    public required double ClozeAcc { get; init; }

    /// <summary>Standard error of that.</summary>
    public required double ClozeSe { get; init; }

    /// <summary>Number of cloze items.</summary>
    public required int ClozeItems { get; init; }

    /// <summary>Tokens per second, one after the other.</summary>
    public double DecodeTokS { get; init; }
}

/// <summary>Of a spiking model, its spikes on the validation text as well.</summary>
public sealed record StudentScores : ModelScores
{
    /// <summary>A model's scores, with its spikes.</summary>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public StudentScores(ModelScores scores, IReadOnlyList<LayerSpikes> layers, double density, double meanAbsSpike, double negativeShare)
        : base(scores) => (Layers, Density, MeanAbsSpike, NegativeShare) = (layers, density, meanAbsSpike, negativeShare);

    /// <summary>Share of neurons that spike.</summary>
    public double Density { get; }

    /// <summary>Mean of |s| over all neurons.</summary>
    public double MeanAbsSpike { get; }

    /// <summary>Share of the spikes that are negative.</summary>
    public double NegativeShare { get; }

    /// <summary>The same for every layer and site.</summary>
    public IReadOnlyList<LayerSpikes> Layers { get; }
}

/// <summary>Spikes in front of one projection.</summary>
/// <param name="Layer">From 0.</param>
/// <param name="Site">in_proj or out_proj.</param>
/// <param name="Density">Share of neurons that spike.</param>
/// <param name="MeanAbsSpike">Mean of |s| over all neurons.</param>
/// <param name="NegativeShare">Share of the spikes that are negative.</param>
public sealed record LayerSpikes(int Layer, string Site, double Density, double MeanAbsSpike, double NegativeShare);

/// <summary>Student against teacher.</summary>
/// <param name="Ppl">Student's validation perplexity over the teacher's.</param>
/// <param name="ClozeGapPoints">Teacher's cloze accuracy minus the student's, in percentage points.</param>
/// <param name="Decode">Spiking tokens per second over dense ones, measured in turns.</param>
/// <param name="TeacherOverUnigramPpl">Teacher's validation perplexity over that of token frequencies.</param>
public sealed record ReportRatios(double Ppl, double ClozeGapPoints, double Decode, double TeacherOverUnigramPpl);

/// <summary>The text of a run.</summary>
/// <param name="Source">Where it came from.</param>
/// <param name="TrainBytes">UTF-8 bytes to learn from.</param>
/// <param name="TrainTokens">The same in tokens.</param>
/// <param name="ValidationBytes">UTF-8 bytes to measure on.</param>
/// <param name="ValidationTokens">The same in tokens.</param>
/// <param name="VocabSize">Tokens of the vocabulary.</param>
/// <param name="TrainLines">Lines to learn from.</param>
/// <param name="ValidationLines">Lines to measure on.</param>
/// <param name="BytesPerToken">UTF-8 bytes of a token, over the text to learn from.</param>
/// <param name="ValidationShare">Share of the whole text that was held out, before long parts were thinned.</param>
public sealed record CorpusSummary(
    string Source, long TrainBytes, int TrainTokens, long ValidationBytes, int ValidationTokens, int VocabSize,
    int TrainLines, int ValidationLines, double BytesPerToken, double ValidationShare)
{
    internal static CorpusSummary Of(QuickstartText text) => new(
        text.Source, text.Train.Utf8Bytes, text.Train.Ids.Length, text.Validation.Utf8Bytes, text.Validation.Ids.Length,
        text.Tokenizer.VocabSize, text.Train.LineCount, text.Validation.LineCount, text.Train.BytesPerToken, text.ValidationShare);
}

/// <summary>One training.</summary>
/// <param name="PlannedSteps">Steps of the plan.</param>
/// <param name="DoneSteps">Steps done; fewer when the time would not have sufficed.</param>
/// <param name="SkippedSteps">Of those, steps that changed nothing because the loss or gradient was not finite.</param>
/// <param name="FinalLoss">Smoothed loss at the end; none when every step was skipped.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Seconds">Time.</param>
/// <param name="TokS">Tokens per second.</param>
/// <param name="Options">The plan, with the schedule and the clipping.</param>
/// <param name="Optimizer">The settings of AdamW.</param>
public sealed record TrainingSummary(
    int PlannedSteps, long DoneSteps, long SkippedSteps, double? FinalLoss, long Tokens, double Seconds, double TokS,
    TrainingPlan Options, AdamWOptions Optimizer)
{
    internal static TrainingSummary Of(TrainingPlan plan, TrainingResult result) => new(
        plan.Steps, result.Steps, result.SkippedSteps, double.IsFinite(result.FinalLoss) ? result.FinalLoss : null, result.Tokens,
        result.Elapsed.TotalSeconds, result.TokensPerSecond, plan, plan.Optimizer);
}

/// <summary>Text from both models.</summary>
/// <param name="Prompt">The first half of a validation line.</param>
/// <param name="Truth">Its second half.</param>
/// <param name="Teacher">What the teacher made of it.</param>
/// <param name="Student">What the student made of it.</param>
public sealed record SampleSummary(string Prompt, string Truth, string Teacher, string Student);

/// <summary>Time of a stage.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Seconds">Its time.</param>
public sealed record StageTime(QuickstartStage Stage, double Seconds);
