namespace SpikeEngine.Tests.Reference;

/// <summary>
/// The gradient of an operation against central differences: of a naive version in double, which is exact to about
/// 1e-8, or of the operation itself in single precision, which finds wrong signs, factors and indices but no more.
/// </summary>
public static class FiniteDifferences
{
    private const double DoubleStep = 1e-5;
    private const float SingleStep = 1e-2f;

    /// <summary>A function of several arrays, in double.</summary>
    public delegate double[] Naive(double[][] inputs);

    /// <summary>Values and gradients of an operation against a naive double version, whose inputs are flat arrays in the same order.</summary>
    public static void AgainstNaive(Func<Tensor[], Tensor> operation, Naive naive, Tensor[] inputs, double tolerance = 2e-5)
    {
        double[][] exact = [.. inputs.Select(x => Array.ConvertAll(x.Values.ToArray(), v => (double)v))];
        Tensor y = Differentiate(operation, inputs, out float[] upstream);
        AssertClose("y", y.Values, naive(exact), tolerance);

        for (int k = 0; k < inputs.Length; k++)
        {
            if (!inputs[k].NeedsGrad)
                continue;
            double[] x = exact[k], expected = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                double before = x[i];
                x[i] = before + DoubleStep;
                double above = Dot(naive(exact), upstream);
                x[i] = before - DoubleStep;
                double below = Dot(naive(exact), upstream);
                x[i] = before;
                expected[i] = (above - below) / (2 * DoubleStep);
            }

            AssertClose($"gradient of input {k} {inputs[k].Shape}", inputs[k].Grad, expected, tolerance);
        }
    }

    /// <summary>Gradients of an operation against its own differences; use smooth functions of values around 1.</summary>
    public static void AgainstItself(Func<Tensor[], Tensor> operation, Tensor[] inputs, double tolerance = 1e-2)
    {
        Differentiate(operation, inputs, out float[] upstream);
        for (int k = 0; k < inputs.Length; k++)
        {
            if (!inputs[k].NeedsGrad)
                continue;
            double[] expected = new double[inputs[k].Count];
            for (int i = 0; i < expected.Length; i++)
            {
                float before = inputs[k].Values[i];
                inputs[k].Values[i] = before + SingleStep;
                double above = Dot(ToDouble(operation(inputs)), upstream);
                inputs[k].Values[i] = before - SingleStep;
                double below = Dot(ToDouble(operation(inputs)), upstream);
                inputs[k].Values[i] = before;
                expected[i] = (above - below) / (2.0 * SingleStep);
            }

            AssertClose($"gradient of input {k} {inputs[k].Shape}", inputs[k].Grad, expected, tolerance);
        }
    }

    /// <summary>A tensor of normal numbers that wants a gradient, or not.</summary>
    public static Tensor Normal(string name, bool needsGrad, params ReadOnlySpan<int> dims)
    {
        SeededRandom random = new(7, name);
        Tensor x = new(dims) { NeedsGrad = needsGrad };
        foreach (ref float value in x.Values)
            value = random.NextNormal();
        return x;
    }

    /// <summary>|actual - expected| ≤ tolerance (1 + |expected|) everywhere.</summary>
    public static void AssertClose(string what, ReadOnlySpan<float> actual, double[] expected, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
                Assert.Fail($"{what}[{i}]: got {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    private static Tensor Differentiate(Func<Tensor[], Tensor> operation, Tensor[] inputs, out float[] upstream)
    {
        foreach (Tensor input in inputs)
            input.Grad.Clear();
        using Tape tape = Tape.Begin();
        Tensor y = operation(inputs);
        upstream = Normal("upstream", false, y.Count).Values.ToArray();
        upstream.CopyTo(y.Grad);
        tape.Replay();
        return y;
    }

    private static double[] ToDouble(Tensor x) => Array.ConvertAll(x.Values.ToArray(), v => (double)v);

    private static double Dot(double[] y, float[] upstream) => y.Zip(upstream, (a, b) => a * b).Sum();
}
