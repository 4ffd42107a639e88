using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The registers of exact mode are, lane by lane, one float; and sixteen lanes meet by one tree.</summary>
public class ExactLanesTests
{
    // Ties, zeros, denormals, infinities and NaN in all pairings, then random numbers of many sizes.
    private static readonly float[] s_special =
    [
        0f, -0f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 1e-40f, -1e-40f, float.Epsilon, float.MaxValue, float.MinValue, 8_388_607.5f, -0.49999997f,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.72284f, -87.4f, 1f, -1f, 3e38f, 1.17549435e-38f, 0.1f,
    ];

    private static readonly float[] s_x = [.. s_special.SelectMany(x => s_special.Select(_ => x)), .. Random("x")];
    private static readonly float[] s_y = [.. s_special.SelectMany(_ => s_special), .. Random("y")];
    private static readonly float[] s_z = [.. s_x.Reverse()];
    private static readonly float[] s_positive = [.. s_x.Select(v => float.IsNormal(v) ? MathF.Abs(v) : 1.5f)];
    private static readonly float[] s_whole = [.. s_x.Select((_, i) => i % 254 - 126f)];

    [Fact]
    public void SixteenLanesAreOneFloatEachAndMeetByTheTree()
    {
        CheckSixteen<Unfused<Lanes16>>();
        CheckSixteen<Pair<Unfused<Lanes8>>>();
        CheckSixteen<Pair<Pair<Unfused<Lanes4>>>>();
        CheckSixteen<Pair<Pair<Pair<Pair<Unfused<Lanes1>>>>>>();
    }

    [Fact]
    public void FewerLanesAreOneFloatEachAndRefuseToMeet()
    {
        CheckFewer<Unfused<Lanes8>>();
        CheckFewer<Unfused<Lanes4>>();
        CheckFewer<Unfused<Lanes1>>();
    }

    [Fact]
    public void OneFloatIsNeverFused()
    {
        float[] sum = Map<Lanes1>(s_x, s_y, s_z, Lanes1.MulAdd), expected = new float[s_x.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            float product = s_x[i] * s_y[i];
            expected[i] = product + s_z[i];
        }

        AssertSame("MulAdd", expected, sum);
    }

    private static void CheckSixteen<L>()
        where L : struct, ILanes<L>
    {
        Assert.Equal(16, L.Count);
        CheckLanes<L>();
        for (int start = 0; start < s_x.Length; start += 16)
        {
            // i and i + 8, then i and i + 4 of those, then i + 2, then i + 1.
            ReadOnlySpan<float> x = s_x.AsSpan(start, 16);
            float max = float.NegativeInfinity;
            foreach (float v in x)
                max = MathF.Max(max, v);
            AssertSame("Sum", [Tree(x, 0, 1)], [L.Sum(L.Load(x, 0))]);
            AssertSame("MaxOf", [max], [L.MaxOf(L.Load(x, 0))]);
        }

        static float Tree(ReadOnlySpan<float> x, int first, int step) =>
            step == 16 ? x[first] : Tree(x, first, 2 * step) + Tree(x, first + step, 2 * step);
    }

    private static void CheckFewer<L>()
        where L : struct, ILanes<L>
    {
        CheckLanes<L>();
        Assert.Throws<InvalidOperationException>(() => L.Sum(L.One));
        Assert.Throws<InvalidOperationException>(() => L.MaxOf(L.One));
    }

    private static void CheckLanes<L>()
        where L : struct, ILanes<L>
    {
        Dictionary<string, float[]> actual = Results<L>();
        foreach ((string operation, float[] expected) in Results<Lanes1>())
            AssertSame($"{operation} of {typeof(L)}", expected, actual[operation]);
        for (int i = 0; i < s_x.Length; i += L.Count)
        {
            uint bits = L.Bits(L.LessThan(L.Load(s_x, i), L.Load(s_y, i)));
            for (int lane = 0; lane < L.Count; lane++)
                Assert.Equal(s_x[i + lane] < s_y[i + lane], ((bits >> lane) & 1) != 0);
        }
    }

    /// <summary>Every operation on the numbers above.</summary>
    private static Dictionary<string, float[]> Results<L>()
        where L : struct, ILanes<L> => new()
        {
            ["Abs"] = Map<L>(s_x, s_y, s_z, (x, _, _) => L.Abs(x)),
            ["Sqrt"] = Map<L>(s_x, s_y, s_z, (x, _, _) => L.Sqrt(x)),
            ["Round"] = Map<L>(s_x, s_y, s_z, (x, _, _) => L.Round(x)),
            ["Negation"] = Map<L>(s_x, s_y, s_z, (x, _, _) => -x),
            ["Exp"] = Map<L>(s_x, s_y, s_z, (x, _, _) => LaneMath.Exp(x)),
            ["Constants"] = Map<L>(s_x, s_y, s_z, (_, _, _) => L.Splat(2.5f) + L.One - L.Zero),
            ["Pow2"] = Map<L>(s_whole, s_y, s_z, (x, _, _) => L.Pow2(x)),
            ["TimesPow2"] = Map<L>(s_positive, s_whole, s_z, (x, n, _) => L.TimesPow2(L.Mantissa(x), n)),
            ["Exponent"] = Map<L>(s_positive, s_y, s_z, (x, _, _) => L.Exponent(x)),
            ["Mantissa"] = Map<L>(s_positive, s_y, s_z, (x, _, _) => L.Mantissa(x)),
            ["Sum"] = Map<L>(s_x, s_y, s_z, (x, y, _) => x + y),
            ["Difference"] = Map<L>(s_x, s_y, s_z, (x, y, _) => x - y),
            ["Product"] = Map<L>(s_x, s_y, s_z, (x, y, _) => x * y),
            ["Quotient"] = Map<L>(s_x, s_y, s_z, (x, y, _) => x / y),
            ["Min"] = Map<L>(s_x, s_y, s_z, (x, y, _) => L.Min(x, y)),
            ["Max"] = Map<L>(s_x, s_y, s_z, (x, y, _) => L.Max(x, y)),
            ["MulAdd"] = Map<L>(s_x, s_y, s_z, L.MulAdd),
            ["Select"] = Map<L>(s_x, s_y, s_z, (x, y, z) => L.Select(L.LessThan(x, y), x, z)),
        };

    private static float[] Map<L>(float[] x, float[] y, float[] z, Func<L, L, L, L> operation)
        where L : struct, ILanes<L>
    {
        float[] result = new float[x.Length];
        for (int i = 0; i < result.Length; i += L.Count)
            L.Store(operation(L.Load(x, i), L.Load(y, i), L.Load(z, i)), result, i);
        return result;
    }

    /// <summary>Bit for bit; a NaN is a NaN.</summary>
    private static void AssertSame(string operation, float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]);
            if (!same && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
                Assert.Fail($"{operation} of number {i}: got {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    private static IEnumerable<float> Random(string stream)
    {
        SeededRandom random = new(1, stream);
        return [.. Enumerable.Range(0, 640).Select(_ => random.NextNormal() * MathF.ScaleB(1f, random.NextInt(20) - 10))];
    }
}
