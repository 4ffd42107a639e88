namespace SpikeEngine.Tests.Engine;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
public class ProfilerTests
{
    [Fact]
    public void EveryOperationHasARowForEachDirection()
    {
        using Profiler profiler = Train();

        ProfilerRow product = profiler.Rows.Single(row => row.Op == "Linear"), backward = profiler.Rows.Single(row => row.Op == "Linear backward");
        Assert.Equal(2, product.Calls);
        Assert.Equal(2L * 2 * 30 * 20 * 20, product.Flops);
        Assert.Equal(2 * product.Flops, backward.Flops);
        Assert.Equal(2L * sizeof(float) * (30 * 20 + 20 * 20 + 30 * 20), product.Bytes);
        Assert.Equal(["Linear", "Linear backward", "Silu", "Silu backward"], profiler.Rows.Select(row => row.Op).Order(StringComparer.Ordinal));
        Assert.All(profiler.Rows, row => Assert.True(row.Time > TimeSpan.Zero));
        Assert.True(profiler.Rows.Aggregate(TimeSpan.Zero, (sum, row) => sum + row.Time) <= profiler.Elapsed);
    }

    [Fact]
    public void TheTableHasTheLongestFirstAndTheMachinesPeak()
    {
        using Profiler profiler = Train();
        string[] lines = profiler.ToString().Split('\n');

        Assert.StartsWith("op ", lines[0], StringComparison.Ordinal);
        Assert.Equal(profiler.Rows[0].Op, lines[1][..profiler.Rows[0].Op.Length]);
        Assert.Contains("GFLOP/s", lines[^1], StringComparison.Ordinal);
        Assert.Contains("of peak", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TimeOfAnInnerOperationIsItsOwn()
    {
        using Profiler profiler = Profiler.Start();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        using (Profiler.Time(op: "outer"))
        {
            using (Profiler.Time(op: "inner"))
                Thread.Sleep(30);
        }

        // However long the machine pauses in between: if the inner time were the outer's as well, together they would be longer than both took.
        TimeSpan all = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        Assert.Equal(["inner", "outer"], profiler.Rows.Select(row => row.Op).Order());
        Assert.True(profiler.Rows.Single(row => row.Op == "inner").Time >= TimeSpan.FromMilliseconds(29));
        Assert.True(profiler.Rows[0].Time + profiler.Rows[1].Time <= all + TimeSpan.FromMilliseconds(1), $"{profiler}, of {all}");
    }

    [Fact]
    public void NothingIsTimedWithoutOne()
    {
        using (Profiler.Time(op: "nothing"))
        {
        }

        using Profiler profiler = Profiler.Start();
        Assert.Empty(profiler.Rows);
    }

    private static Profiler Train()
    {
        Profiler profiler = Profiler.Start();
        using Tape tape = Tape.Begin();
        Tensor x = FiniteDifferences.Normal("x", false, 30, 20), weight = FiniteDifferences.Normal("weight", true, 20, 20);
        Tensor y = Ops.Linear(Ops.Silu(Ops.Linear(x, weight)), weight);
        y.Grad.Fill(1f);
        tape.Replay();
        profiler.Dispose();
        return profiler;
    }
}
