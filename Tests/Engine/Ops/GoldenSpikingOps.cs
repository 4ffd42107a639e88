using SpikeEngine.Kernels;
using static SpikeEngine.Tests.Engine.GoldenOpRunner;

namespace SpikeEngine.Tests.Engine;

/// <summary>Neurons with steps: LIF with every reset and surrogate, I-LIF with a state, snnTorch's ordering; and the surrogates themselves.</summary>
internal static class GoldenSpikingOps
{
    public static Dictionary<string, Action<GoldenCase>> Rows { get; } = new()
    {
        ["lif"] = g => Check(g, ["x"], t =>
        {
            bool isSoft = g.Config.GetProperty("v_reset").ValueKind == System.Text.Json.JsonValueKind.String;
            (Tensor s, Tensor v, Tensor h) = Ops.Lif(t["x"], new LifOptions
            {
                Tau = Number(g, "tau"),
                DecaysInput = Flag(g, "decay_input"),
                Threshold = Number(g, "v_threshold"),
                Reset = isSoft ? MembraneReset.Soft : MembraneReset.Hard,
                RestingPotential = isSoft ? 0f : Number(g, "v_reset"),
                DetachesReset = Flag(g, "detach_reset"),
                Surrogate = g.Config.GetProperty("surrogate").GetString() == "atan" ? Surrogate.Arctan : Surrogate.Sigmoid,
                SurrogateAlpha = Number(g, "alpha"),
            });
            g.AssertClose("out.h", h.Values);
            return [("s", s), ("v", v)];
        }),
        ["ilif_state"] = g => Check(g, ["x"], t =>
        {
            (Tensor s, Tensor v, _) = Ops.Lif(t["x"], new LifOptions
            {
                Tau = Number(g, "tau"), Threshold = Number(g, "v_threshold"), Levels = (int)Number(g, "D"),
            });
            return [("s", s), ("v", v)];
        }),

        // The reset comes a step late: what it takes away is not decayed, and the potential that is seen is that before it. Its comparison is strict.
        ["snntorch_leaky"] = g => Check(g, ["x"], t =>
        {
            (Tensor s, _, Tensor h) = Ops.Lif(t["x"], new LifOptions
            {
                Tau = 1f / (1f - Number(g, "beta")),
                Threshold = MathF.BitIncrement(Number(g, "threshold")),
                ResetBy = Number(g, "threshold") / Number(g, "beta"),
                Reset = g.Config.GetProperty("reset").GetString() == "subtract" ? MembraneReset.Soft : MembraneReset.Hard,
                DetachesReset = true,
            });
            return [("s", s), ("mem", h)];
        }),
        ["surrogate"] = g =>
        {
            Slopes(g, "grad.atan", new ArctanSurrogate(Number(g, "atan_alpha")));
            Slopes(g, "grad.sigmoid", new SigmoidSurrogate(Number(g, "sigmoid_alpha")));
            Slopes(g, "grad.rect", new RectangularSurrogate(Number(g, "rect_alpha")));
        },
    };

    private static void Slopes<TSurrogate>(GoldenCase golden, string name, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        float[] u = golden.Floats("in.u"), slopes = new float[u.Length];
        Simd.Run(new TiLifBackward<OneStep<TSurrogate>> { GradS = [.. u.Select(_ => 1f)], X = u, Threshold = 1f, Slope = new(surrogate), GradX = slopes });
        golden.AssertClose(name, slopes);
    }

    private readonly record struct OneStep<TSurrogate>(TSurrogate Step) : ISpikeSlope
        where TSurrogate : struct, ISurrogate
    {
        public L Slope<L>(L u)
            where L : struct, ILanes<L> => Step.Slope(u);

        public double Primitive(double u) => Step.Primitive(u);
    }
}
