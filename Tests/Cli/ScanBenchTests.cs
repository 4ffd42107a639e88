using SpikeEngine.Cli.Bench;

namespace SpikeEngine.Tests.Cli;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class ScanBenchTests
{
    private static readonly ScanBenchPlan s_tiny = new([5], Heads: 2, [(4, 40), (6, 72)], WarmUp: TimeSpan.Zero, Budget: TimeSpan.Zero);

    [Fact]
    public void Every_kernel_is_measured_at_every_shape()
    {
        BenchRow[] rows = Measure();

        Assert.Equal(s_tiny.RowCount, rows.Length);
        Assert.Equal("5x128x128", rows[0].Sizes);
        string[] names = [.. rows[1..].Select(row => row.Kernel)];
        Assert.Equal(
            [
                "conv1d", "conv1d_backward", "rms_norm", "rms_norm_backward", "gated_rms_norm", "silu", "silu_backward", "softmax", "add", "adamw",
            ],
            names[..ScanBench.StreamKernels]);
        Assert.Equal(names[..ScanBench.StreamKernels], names[ScanBench.StreamKernels..]);
        Assert.Equal(["4x40", "6x72"], rows[1..].Select(row => row.Sizes).Distinct());
        Assert.All(rows, row => Assert.True(row is { Threads: 1, OfPeak: > 0, Ms: > 0 }));
    }

    [Theory]
    [InlineData("conv1d", 2)]
    [InlineData("conv1d_backward", 3)]
    [InlineData("rms_norm_backward", 3)]
    [InlineData("gated_rms_norm", 3)]
    [InlineData("silu", 2)]
    [InlineData("add", 3)]
    [InlineData("adamw", 7)]
    public void Bytes_are_those_of_each_tensor_once(string kernel, int tensors)
    {
        BenchRow row = Measure().Last(row => row.Kernel == kernel);
        Assert.Equal(tensors * 6 * 72 * sizeof(float), 1e6 * row.Gbs!.Value * row.Ms!.Value, tolerance: 1e-3);
        Assert.Null(row.Gflops);
    }

    [Fact]
    public void The_scan_counts_the_products_of_its_chunks()
    {
        BenchRow row = Measure()[0];

        // Two heads in blocks of one: half of C Bᵀ for each, then half of M x, C S and the next state.
        const double Flops = 2 * (5.0 * 6 * 128 + 5.0 * 6 * 64 + 4.0 * 5 * 128 * 64);
        Assert.Equal("ssd", row.Kernel);
        Assert.Equal(Flops, 1e6 * row.Gflops!.Value * row.Ms!.Value, tolerance: 1e-3);
        Assert.Null(row.Gbs);
    }

    private static BenchRow[] Measure() =>
        Lanes.WithThreads(1, () => new ScanBench(s_tiny, new Workspace(), default).Rows().ToArray());
}
