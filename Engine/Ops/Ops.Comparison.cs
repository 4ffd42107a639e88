using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>1 where a &gt; b, else 0; 0 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor Greater(Tensor a, Tensor b) => Compare<Greater>(a, b);

    /// <summary>1 where a ≥ b, else 0; 0 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor GreaterOrEqual(Tensor a, Tensor b) => Compare<GreaterOrEqual>(a, b);

    /// <summary>1 where a &lt; b, else 0; 0 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor Less(Tensor a, Tensor b) => Compare<Less>(a, b);

    /// <summary>1 where a ≤ b, else 0; 0 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor LessOrEqual(Tensor a, Tensor b) => Compare<LessOrEqual>(a, b);

    /// <summary>1 where a = b, else 0; 0 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor Equal(Tensor a, Tensor b) => Compare<Equal>(a, b);

    /// <summary>1 where a ≠ b, else 0; 1 where either is NaN. Broadcast as <see cref="Binary"/> does; no gradient passes.</summary>
    public static Tensor NotEqual(Tensor a, Tensor b) => Compare<NotEqual>(a, b);

    private static Tensor Compare<TOp>(Tensor a, Tensor b)
        where TOp : struct, IBinaryFunction
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        using var timing = Profiler.Time(op: typeof(TOp).Name);
        Tensor y = BinaryValue(a, b, default(TOp));
        Profiler.CountBytes(y, [a, b]);
        return y;
    }
}
