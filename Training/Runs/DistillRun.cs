using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Distillation.Spad;

namespace SpikeEngine.Training.Runs;

/// <summary>Distils a spiking student from a dense model: SpikingMamba from Mamba2, whose weights it starts with, BiSpikCLM by SpAD from a model of type opt.</summary>
public static class DistillRun
{
    /// <inheritdoc cref="TrainRun.Run"/>
    public static RunResult Run(
        RunConfig config, string folder, ExistingRun existing, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(formats);
        ArgumentNullException.ThrowIfNull(observer);
        string path = config.Distillation.Teacher ?? throw new ArgumentException("The configuration names no teacher.", nameof(config));
        LanguageModel teacher = ModelFolder.Load(path);
        if (teacher.Config.IsSpiking)
            throw new InvalidDataException($"Teacher '{path}' is spiking already; a dense one is distilled.");
        config.RequireMethodOf(teacher.Config);
        OptLanguageModel? student = teacher is OptLanguageModel opt ? Student(config, opt, path) : null;
        var loop = RunLoop.Begin(config, folder, existing, observer, cancellation);
        loop.TakeTokenizerOf(path);
        Tokenizer tokenizer = Tokenizer.Load(loop.TokenizerPath);
        using RunText text = RunText.Open(config.Data, tokenizer, formats, observer, cancellation);
        return student is not null ? Spad(config, (OptLanguageModel)teacher, student, text, loop) : SpikingMamba(config, (Mamba2LanguageModel)teacher, text, loop);
    }

    private static OptLanguageModel Student(RunConfig config, OptLanguageModel teacher, string path)
    {
        try
        {
            return SpadStudent.Create(teacher, config.Student.ToConfig(teacher), config.Student.Start, config.Seeds.Model ?? config.Seed);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"'student' does not fit teacher '{path}': {error.Message}", error);
        }
    }

    private static RunResult Spad(RunConfig config, OptLanguageModel teacher, OptLanguageModel student, RunText text, RunLoop loop)
    {
        SpadObjective objective = new(teacher, student, TrainRun.Batches(config, text, config.Seeds.Data ?? config.Seed + 1), config.Spad);
        return loop.Run(loop.Parts(
            student, objective, (double)text.Train.Count / objective.TokensPerBatch, (metrics, stop) => text.HeldOut.Measure(student, metrics, stop)));
    }

    private static RunResult SpikingMamba(RunConfig config, Mamba2LanguageModel teacher, RunText text, RunLoop loop)
    {
        (IRunObserver observer, CancellationToken cancellation) = (loop.Observer, loop.Cancellation);
        Mamba2LanguageModel student = teacher.ToSpikingStudent(config.Distillation.Spiking, config.Distillation.NewCompensation());

        // Another order than that of a teacher with the same seed.
        config.Distillation.Loss.Validate();
        using TeacherTopK? topK = config.Distillation.Loss.TeacherTopK is not { } k
            ? null
            : observer.Run(
                "teacher",
                progress => TeacherTopK.OpenOrBuild(config.Data.Cache ?? TokenCache.DefaultFolder, teacher, text.Train, k, config.Data.SequenceLength, config.Data.ResetState, progress, cancellation),
                t => string.Create(CultureInfo.InvariantCulture, $"its {t.K} likeliest tokens after each of {t.Count:N0}"));
        DistillationObjective objective = new(
            teacher, student, TrainRun.Batches(config, text, config.Seeds.Data ?? config.Seed + 1, movesCuts: topK is null), config.Distillation.Loss, topK);
        return loop.Run(loop.Parts(
            student, objective, (double)text.Train.Count / objective.TokensPerBatch, (metrics, stop) => text.HeldOut.Measure(student, metrics, stop)));
    }
}
