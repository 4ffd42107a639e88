namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y[i] = Σ of the i-th run of x, where runs of different lengths follow one another: the log-probabilities of texts from
    /// those of their tokens. Added in double and in order.
    /// </summary>
    /// <param name="x">[n]</param>
    /// <param name="lengths">Of the runs, n together; 0 gives 0. They must not change before the backward pass.</param>
    /// <returns>[runs]</returns>
    /// <exception cref="ArgumentException">A length is negative, or they do not add up to n.</exception>
    public static Tensor SumRuns(Tensor x, ReadOnlyMemory<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(x);
        long total = 0;
        foreach (int length in lengths.Span)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            total += length;
        }

        if (x.Shape.Rank != 1 || total != x.Count)
            throw new ArgumentException($"The {lengths.Length} runs have {total} elements together; x is {x.Shape}.", nameof(lengths));

        using var timing = Profiler.Time();
        Tensor y = new(lengths.Length);
        for (int run = 0, start = 0; run < lengths.Length; start += lengths.Span[run++])
        {
            double sum = 0;
            foreach (float value in x.Values.Slice(start, lengths.Span[run]))
                sum += value;
            y.Values[run] = (float)sum;
        }

        return Tape.Record(y, [x], (x, lengths), static (s, y) =>
        {
            PrepareGrads(s.x);
            for (int run = 0, start = 0; run < s.lengths.Length; start += s.lengths.Span[run++])
            {
                foreach (ref float grad in s.x.Grad.Slice(start, s.lengths.Span[run]))
                    grad += y.Grad[run];
            }
        }, inDouble: static (s, v) =>
        {
            double[] y = new double[s.lengths.Length];
            for (int run = 0, start = 0; run < y.Length; start += s.lengths.Span[run++])
                y[run] = v[0].AsSpan(start, s.lengths.Span[run]).ToArray().Sum();
            return y;
        });
    }
}
