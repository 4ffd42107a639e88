using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

public sealed class StreamPassTests
{
    private const int Length = 39;

    [Fact]
    public void It_writes_the_sum_of_what_it_reads_and_only_there()
    {
        float[] x = WholeNumbers.Array("x", 3, Length), y = new float[2 * Length];
        Simd.Run(new StreamPass { X = x, Y = y, Length = Length, Start = 2, End = 37 });

        float[] sums = [.. Enumerable.Range(0, Length).Select(i => i is < 2 or >= 37 ? 0 : x[i] + x[Length + i] + x[2 * Length + i])];
        Assert.Equal([.. sums, .. sums], y);
    }

    [Fact]
    public void It_may_write_to_what_it_reads()
    {
        float[] x = WholeNumbers.Array("x", 2, Length), before = [.. x];
        Simd.Run(new StreamPass { X = x, Y = x.AsSpan(0, Length), Length = Length, Start = 0, End = Length });

        Assert.Equal(Enumerable.Range(0, Length).Select(i => before[i] + before[Length + i]), x.Take(Length));
        Assert.Equal(before[Length..], x[Length..]);
    }
}
