using System.Buffers;
using SpikeEngine.Kernels;

namespace SpikeEngine.Training;

/// <summary>Keeps the norm of all gradients together at or under a limit (Pascanu et al. 2013).</summary>
public static class GradientClipping
{
    private const int Grain = 16_384;
    private const double Eps = 1e-6;

    /// <summary>norm = sqrt(Σ g²) over every trainable parameter; accumulated in double, with the same bits for any number of threads.</summary>
    public static float GlobalNorm(ParameterStore parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double total = 0;
        for (int i = 0; i < parameters.Parameters.Count; i++)
        {
            if (parameters.Parameters[i] is { Trainable: true, HasGrad: true } parameter)
                total += SumOfSquares(parameter);
        }

        return (float)Math.Sqrt(total);
    }

    /// <summary>g *= min(1, maxNorm / (norm + 1e-6)) for every trainable parameter.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="maxNorm">The limit.</param>
    /// <returns>The norm before clipping. When it is not finite the gradients are left alone: skip the step.</returns>
    public static float Clip(ParameterStore parameters, float maxNorm)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(maxNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "The largest norm of the gradient must be positive.");
        float norm = GlobalNorm(parameters);
        float factor = (float)(maxNorm / (norm + Eps));
        if (!float.IsFinite(norm) || factor >= 1f)
            return norm;

        for (int i = 0; i < parameters.Parameters.Count; i++)
        {
            if (parameters.Parameters[i] is not { Trainable: true, HasGrad: true } parameter)
                continue;
            RowParallel.For(parameter.Count, Grain, (parameter, factor), static (s, start, end) => Simd.Run(new ScaleForward
            {
                X = s.parameter.Grad[start..end],
                Factor = s.factor,
                Y = s.parameter.Grad[start..end],
            }));
        }

        return norm;
    }

    private static double SumOfSquares(Parameter parameter)
    {
        int pieces = (parameter.Count + Grain - 1) / Grain;
        double[] sums = ArrayPool<double>.Shared.Rent(pieces);
        RowParallel.For(parameter.Count, Grain, (parameter, sums), static (s, start, end) => Simd.Run(new SquaredNorm
        {
            X = s.parameter.Grad[start..end],
            Sum = s.sums.AsSpan(start / Grain, 1),
        }));
        double total = 0;
        foreach (double sum in sums.AsSpan(0, pieces))
            total += sum;
        ArrayPool<double>.Shared.Return(sums);
        return total;
    }
}
