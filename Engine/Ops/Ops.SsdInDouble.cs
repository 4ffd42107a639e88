using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>The selective scan as the recurrence that it is, token by token.</summary>
    /// <param name="inputs">xBC, dt, A, D and, if there is one, the initial state.</param>
    /// <param name="shape">Sizes; the chunk does not matter.</param>
    /// <param name="starts">Tokens that no state enters; empty for none.</param>
    internal static (double[] Y, double[] FinalState) SsdInDouble(double[][] inputs, SsdShape shape, ReadOnlyMemory<bool> starts = default)
    {
        double[] xbc = inputs[0], dt = inputs[1], a = inputs[2], d = inputs[3];
        int heads = shape.Heads, p = shape.HeadDim, n = shape.State;
        double[] y = new double[shape.Batch * shape.Length * shape.Inner];
        double[] state = inputs.Length > 4 ? [.. inputs[4]] : new double[shape.Batch * heads * n * p];
        for (int token = 0; token < shape.Batch * shape.Length; token++)
        {
            ReadOnlySpan<double> row = xbc.AsSpan(token * shape.RowLength, shape.RowLength);
            for (int head = 0; head < heads; head++)
            {
                int group = head / shape.HeadsPerGroup;
                ReadOnlySpan<double> b = row[shape.BColumn(group)..], c = row[shape.CColumn(group)..];
                Span<double> s = state.AsSpan((token / shape.Length * heads + head) * n * p, n * p);
                double step = dt[token * heads + head], decay = Math.Exp(step * a[head]);
                if (!starts.IsEmpty && starts.Span[token])
                    s.Clear();
                for (int i = 0; i < p; i++)
                {
                    double x = row[head * p + i], sum = d[head] * x;
                    for (int k = 0; k < n; k++)
                    {
                        s[k * p + i] = decay * s[k * p + i] + step * b[k] * x;
                        sum += c[k] * s[k * p + i];
                    }

                    y[token * shape.Inner + head * p + i] = sum;
                }
            }
        }

        return (y, state);
    }
}
