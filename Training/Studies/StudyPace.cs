using System.Diagnostics;
using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Distillation.Spad;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>Measures what a step of teacher and student takes on this machine, to plan a study within its budget.</summary>
internal static class StudyPace
{
    private const int WarmUp = 2;
    private const int Measured = 4;

    // Of the budget, beside training: measuring the rows, aligning, writing.
    private const double ShareToMeasure = 0.3;
    private const double ShareOfTeacher = 0.35;

    /// <summary>Steps of the teacher, when one is trained, and of a row of length 1.</summary>
    /// <param name="budget">Of the whole study.</param>
    /// <param name="teacher">A model of the teacher's sizes; its weights are changed when it is to be trained.</param>
    /// <param name="train">Settings of the teacher's run, or null when it is given.</param>
    /// <param name="distill">Settings of a row of length 1.</param>
    /// <param name="lengths">Lengths of all distilled rows together, each times what its step costs.</param>
    public static (int? Teacher, int Student) Plan(TimeSpan budget, LanguageModel teacher, RunConfig? train, RunConfig distill, double lengths)
    {
        double step = SecondsPerStep(distill, batches => Distilling(distill, teacher, batches), teacher.Config);
        double seconds = budget.TotalSeconds * (1 - ShareToMeasure);
        if (train is null)
            return (null, Steps(seconds / lengths, step));
        double teacherStep = SecondsPerStep(train, batches => new LanguageModelObjective(teacher, batches), teacher.Config);
        return (Steps(budget.TotalSeconds * ShareOfTeacher, teacherStep), Steps((seconds - budget.TotalSeconds * ShareOfTeacher) / lengths, step));
    }

    private static Objective Distilling(RunConfig config, LanguageModel teacher, TokenBatches batches)
    {
        if (teacher is OptLanguageModel opt)
            return new SpadObjective(opt, SpadStudent.Create(opt, config.Student.ToConfig(opt), config.Student.Start, config.Seed), batches, config.Spad with { GradientNormsEvery = 0 });
        var mamba2 = (Mamba2LanguageModel)teacher;
        return new DistillationObjective(mamba2, mamba2.ToSpikingStudent(config.Distillation.Spiking, compensation: null), batches, config.Distillation.Loss);
    }

    private static int Steps(double seconds, double step) => Math.Max(1, (int)(seconds / step));

    private static double SecondsPerStep(RunConfig config, Func<TokenBatches, Objective> make, LanguageModelConfig model)
    {
        // The time does not depend on the text.
        int[] ids = new int[64 * (config.Data.SequenceLength + 1)];
        SeededRandom random = new(config.Seed, "pace");
        for (int i = 0; i < ids.Length; i++)
            ids[i] = random.NextInt(model.VocabSize);
        Objective objective = make(new TokenBatches(new TokenList(ids), config.Data.BatchSize, config.Data.SequenceLength, config.Seed));
        Optimizer optimizer = RunOptimizer.Create(config, objective.Parameters);
        new Trainer(RunOptimizer.Options(config, WarmUp), objective, optimizer).Run();
        long start = Stopwatch.GetTimestamp();
        new Trainer(RunOptimizer.Options(config, Measured), objective, optimizer).Run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Measured;
    }
}
