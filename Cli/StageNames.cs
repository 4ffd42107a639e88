using System.Globalization;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary>Words for stages and steps.</summary>
internal static class StageNames
{
    public static string Of(QuickstartStage stage) => stage switch
    {
        QuickstartStage.Corpus => "corpus",
        QuickstartStage.Tokenizer => "tokenizer",
        QuickstartStage.Encode => "encode",
        QuickstartStage.Teacher => "teacher",
        QuickstartStage.TeacherEvaluation => "evaluate teacher",
        QuickstartStage.Student => "student",
        QuickstartStage.StudentEvaluation => "evaluate student",
        QuickstartStage.DecodeSpeed => "decode speed",
        QuickstartStage.Samples => "samples",
        _ => "save",
    };

    public static string Of(TrainingProgress p) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {p.Step:N0}/{p.TotalSteps:N0}, loss {p.SmoothedLoss:F3}, {p.TokensPerSecond:N0} {p.Unit}/s, {Left(p.Remaining)} left");

    /// <summary>The same in few enough words for a bar beside it on 80 columns.</summary>
    public static string Short(QuickstartStage stage, TrainingProgress p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Of(stage)} {p.Step}/{p.TotalSteps} loss {p.SmoothedLoss:F3} {p.TokensPerSecond:N0} {p.Unit}/s {Left(p.Remaining)}");

    public static string Left(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):F0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:D2} s");
}
