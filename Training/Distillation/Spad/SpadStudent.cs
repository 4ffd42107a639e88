using SpikeEngine.Kernels;
using SpikeEngine.Model;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Training.Distillation.Spad;

/// <summary>What a student starts with.</summary>
public enum SpadStart
{
    /// <summary>Random numbers, as in the paper.</summary>
    Random,

    /// <summary>The teacher's embeddings of tokens and positions and its last norm, the rest random.</summary>
    Embeddings,

    /// <summary>Every tensor that the teacher has too, in the same shape.</summary>
    Teacher,
}

/// <summary>Makes the spiking student of a dense teacher.</summary>
public static class SpadStudent
{
    /// <summary>A new student.</summary>
    /// <param name="teacher">The dense teacher.</param>
    /// <param name="config">The student's sizes and neurons; vocabulary and positions are those of the teacher.</param>
    /// <param name="start">What it starts with.</param>
    /// <param name="seed">Of what is random.</param>
    /// <exception cref="ArgumentException">Teacher and student do not go together.</exception>
    public static OptLanguageModel Create(OptLanguageModel teacher, OptConfig config, SpadStart start, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(config);
        RequireFitting(teacher.Config, config);
        if (start != SpadStart.Random && (teacher.Config.EmbeddingWidth != config.DModel || teacher.Config.MaxPositions != config.MaxPositions))
        {
            throw new ArgumentException(
                $"A student {config.DModel} wide with {config.MaxPositions} positions cannot start with the embeddings of a teacher, {teacher.Config.EmbeddingWidth} and {teacher.Config.MaxPositions}: it has to start random.");
        }

        return new OptLanguageModel(config, new ParameterStore((path, shape, initializer, values) =>
        {
            if (IsCopied(start, path) && teacher.Store.Contains(path) && teacher.Store[path].Shape == shape)
                teacher.Store[path].Values.CopyTo(values);
            else
                initializer(values, new SeededRandom(seed, path));
        }));
    }

    /// <summary>The factor that makes currents of about 1 of the teacher's token embeddings.</summary>
    public static float InputScale(OptLanguageModel teacher)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        Span<double> squares = stackalloc double[1];
        Simd.Run(new SquaredNorm { X = teacher.Embedding.Values, Sum = squares });
        return (float)Math.Sqrt(teacher.Embedding.Count / squares[0]);
    }

    private static bool IsCopied(SpadStart start, string path) => start == SpadStart.Teacher
        || (start == SpadStart.Embeddings && !path.Contains(".layers.", StringComparison.Ordinal));

    private static void RequireFitting(OptConfig teacher, OptConfig student)
    {
        if (teacher.IsSpiking || !student.IsSpiking)
            throw new ArgumentException("A spiking student is distilled from a dense teacher.");
        if (teacher.VocabSize != student.VocabSize)
            throw new ArgumentException($"The teacher has {teacher.VocabSize} tokens, the student {student.VocabSize}.");
        if (teacher.MaxPositions < student.MaxPositions)
            throw new ArgumentException($"The teacher has {teacher.MaxPositions} positions, the student {student.MaxPositions}.");
    }
}
