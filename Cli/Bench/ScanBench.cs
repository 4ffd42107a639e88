using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// The selective scan as a share of multiply-adds, and the kernels around it, which memory bounds, as shares of a plain pass over as
/// many tensors of the same size (<see cref="StreamPass"/>); each in turns with its yardstick.
/// </summary>
internal sealed class ScanBench(ScanBenchPlan plan, Workspace workspace, CancellationToken cancellation)
{
    /// <summary>Streaming kernels that are measured at each shape.</summary>
    public const int StreamKernels = 10;

    private const int HeadDim = 64;
    private const int State = 128;
    private const int Chunk = 256;
    private const int ConvTaps = 4;

    private StreamBench? _streams;   // made once for both numbers of threads: filling large tensors takes longer than measuring them

    /// <summary>Measures with as many threads as are set.</summary>
    public IEnumerable<BenchRow> Rows()
    {
        foreach (int length in plan.Lengths)
            yield return Scan(new SsdShape(1, length, plan.Heads, HeadDim, Groups: 1, State, Chunk));
        foreach ((int rows, int columns) in plan.Shapes)
        {
            bool isFirst = (rows, columns) == plan.Shapes[0];
            TimeSpan warmUp = isFirst ? plan.WarmUp : TimeSpan.Zero;
            foreach (BenchRow row in Streams(new Shape(rows, columns), warmUp))
                yield return row;
        }
    }

    private BenchRow Scan(SsdShape shape)
    {
        SeededRandom random = new(1, "ssd");
        Tensor xbc = Tensor.RandomNormal(random, 1, shape.Length, shape.RowLength), dt = Tensor.RandomUniform(random, 1, shape.Length, shape.Heads);
        Tensor a = Tensor.Full(-0.1f, shape.Heads), d = Tensor.Ones(shape.Heads);   // in a chunk the state decays to some millionths
        double flops = 0;
        Rounds[] rounds = Rounds.InTurns(
            plan.Budget, plan.WarmUp, cancellation,
            () =>
            {
                using Workspace.Scope scope = workspace.Open();
                Ops.Ssd(xbc, dt, a, d, shape);
            },
            () => flops = MachinePeak.RunMulAdds());
        double gflops = SsdForward.Flops(shape) / rounds[0].Median / 1e9, peak = flops / rounds[1].Median / 1e9;
        return rounds[0].Row("ssd", (shape.Length, shape.State, shape.Inner)) with { Gflops = gflops, OfPeak = gflops / peak };
    }

    private IEnumerable<BenchRow> Streams(Shape shape, TimeSpan warmUp)
    {
        _streams ??= new StreamBench(plan.Shapes.Max(each => each.Rows * each.Columns), plan.Budget, workspace, cancellation);
        _streams.Use(shape, warmUp);
        int rows = shape[0], columns = shape[1];
        Tensor weight = Vector(columns), taps = Vector(columns, 1, ConvTaps), bias = Vector(columns);
        Tensor a = _streams.Source(0), b = _streams.Source(1);
        Tensor sequence = a.Reshape(1, rows, columns);

        yield return _streams.Forward("conv1d", 1, () => Ops.CausalConv1d(sequence, taps, bias));
        yield return _streams.Backward("conv1d_backward", x => Ops.CausalConv1d(x.Reshape(1, rows, columns), taps, bias));
        yield return _streams.Forward("rms_norm", 1, () => Ops.RmsNorm(a, weight));
        yield return _streams.Backward("rms_norm_backward", x => Ops.RmsNorm(x, weight));
        yield return _streams.Forward("gated_rms_norm", 2, () => Ops.GatedRmsNorm(a, b, weight));
        yield return _streams.Forward("silu", 1, () => Ops.Silu(a));
        yield return _streams.Backward("silu_backward", Ops.Silu);
        yield return _streams.Forward("softmax", 1, () => Ops.Softmax(a));
        yield return _streams.Forward("add", 2, () => Ops.Add(a, b));
        yield return _streams.AdamW();
    }

    /// <summary>A learned vector, whose gradient the backward passes have to add up as well.</summary>
    private static Tensor Vector(params ReadOnlySpan<int> dims)
    {
        Tensor vector = Tensor.RandomNormal(new SeededRandom(1, "vector"), dims);
        vector.NeedsGrad = true;
        return vector;
    }
}
