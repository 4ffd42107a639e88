using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = x * mask / (1 - p), where each element of the mask is 0 with probability p and else 1 (Srivastava et al. 2014; scaled here,
    /// so that nothing is left to do for inference). The mask is a function of a key and of the element's number, never stored:
    /// the same for any number of threads and any register width, and made again for the backward pass.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="p">Share that is dropped, in [0, 1).</param>
    /// <param name="random">The call takes one number of it, its key. Set <see cref="SeededRandom.Position"/> back to get the same mask again.</param>
    /// <returns>In the shape of x.</returns>
    /// <exception cref="ArgumentOutOfRangeException">p is not in [0, 1).</exception>
    public static Tensor Dropout(Tensor x, float p, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(random);
        RequireShare(p);

        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        DropoutMask mask = new(random.NextKey(), (uint)(p * 4_294_967_296.0));
        float scale = 1f / (1f - p);
        RowParallel.For(x.Count, PieceFloats, (x, mask, scale, y), static (s, start, end) => Simd.Run(new ApplyDropout
        {
            X = s.x.Values[start..end], Mask = s.mask, First = start, Scale = s.scale, Accumulate = false, Y = s.y.Values[start..end],
        }));

        return Tape.Record(y, [x], (x, mask, scale), static (saved, y) =>
        {
            bool accumulate = saved.x.ClaimGrad();
            RowParallel.For(y.Count, PieceFloats, (saved, y, accumulate), static (s, start, end) => Simd.Run(new ApplyDropout
            {
                X = s.y.Grad[start..end],
                Mask = s.saved.mask,
                First = start,
                Scale = s.saved.scale,
                Accumulate = s.accumulate,
                Y = s.saved.x.Grad[start..end],
            }));
        }, inDouble: static (saved, v) => [.. v[0].Select((x, i) => saved.mask.Keeps(i) ? x * saved.scale : 0)]);
    }

    /// <summary>A share that is dropped is in [0, 1).</summary>
    internal static void RequireShare(float p)
    {
        if (!(p >= 0f && p < 1f))
            throw new ArgumentOutOfRangeException(nameof(p), p, "The share that is dropped must be in [0, 1).");
    }
}
