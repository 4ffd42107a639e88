using CsCheck;
using SpikeEngine.Kernels;
using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>The chunked scan against the recurrence that it stands for.</summary>
[Collection(Lanes.Name)]
public class SsdTests
{
    private const double Tolerance = 5e-5;

    [Theory]
    [InlineData(1, 1, 6, 5, 1, 7)]     // one sequence: four blocks of unequal size in the group
    [InlineData(1, 9, 4, 3, 2, 5)]
    [InlineData(2, 150, 6, 19, 3, 17)]
    [InlineData(8, 20, 4, 8, 1, 33)]
    public void AnyChunkLengthIsTheRecurrence(int batch, int length, int heads, int headDim, int groups, int state) => Lanes.AtEveryWidth(() =>
    {
        foreach (int chunk in new[] { 1, 3, 16, 64, length })
        {
            SsdShape shape = new(batch, length, heads, headDim, groups, state, chunk);
            Tensor[] inputs = Inputs(shape);
            AssertClose($"chunks of {chunk}", Scan(inputs, shape), Recurrence(inputs, shape), Tolerance);
        }
    });

    [Fact]
    public void ScansOfAnyShapeAreTheRecurrence() => Lanes.AtEveryWidth(() => Gen.Select(
        Gen.Int[1, 3], Gen.Int[1, 40], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 50]).Sample(
        c =>
        {
            (int batch, int length, int headsPerGroup, int headDim, int groups, int state, int chunk) = c;
            SsdShape shape = new(batch, length, groups * headsPerGroup, headDim, groups, state, chunk);
            Tensor[] inputs = Inputs(shape);
            AssertClose($"{shape}", Scan(inputs, shape), Recurrence(inputs, shape), Tolerance);
        },
        iter: 25,
        threads: 1));

    [Fact]
    public void ALongTextDoesNotDrift()
    {
        SsdShape shape = new(1, 2_000, 2, 8, 1, 16, 64);
        Tensor[] inputs = Inputs(shape);
        AssertClose("long", Scan(inputs, shape), Recurrence(inputs, shape), Tolerance);
    }

    [Fact]
    public void AScanInTwoStretchesIsTheScan()
    {
        SsdShape whole = new(1, 12, 4, 5, 2, 6, Chunk: 4), head = whole with { Length = 5 }, tail = whole with { Length = 7 };
        Tensor[] inputs = Inputs(whole);
        Tensor[] Part(int start, int length) =>
        [
            .. inputs[..2].Select(x => x.Reshape(whole.Length, x.Columns).SliceRows(start, length).Reshape(1, length, x.Columns)), .. inputs[2..4],
        ];

        (Tensor first, Tensor state) = Run([.. Part(0, 5), inputs[4]], head);
        (Tensor second, _) = Run([.. Part(5, 7), state], tail);

        double[] expected = Recurrence(inputs, whole)[..(whole.Length * whole.Inner)];
        AssertClose("two stretches", [.. first.Values, .. second.Values], expected, Tolerance);
    }

    [Fact]
    public void AStateThatDecaysToNothingStaysFinite() => Lanes.AtEveryWidth(() =>
    {
        SsdShape shape = new(1, 70, 2, 4, 1, 5, Chunk: 64);
        Tensor[] inputs = Inputs(shape);
        inputs[1].Values.Fill(50f);      // exp(dt A) is 0 from the first step, its logarithm's sum is in the tens of thousands
        inputs[2].Values.Fill(-16f);
        using Tape tape = Tape.Begin();
        (Tensor y, Tensor final) = Run(inputs, shape);
        y.Grad.Fill(1f);
        final.Grad.Fill(1f);
        tape.Replay();

        AssertClose("decayed", [.. y.Values, .. final.Values], Recurrence(inputs, shape), Tolerance);
        Assert.All(inputs, x => Assert.True(x.Grad.ToArray().All(float.IsFinite)));
    });

    [Fact]
    public void DecaysStayPreciseAfterTokensThatForget() => Lanes.AtEveryWidth(() =>
    {
        // The sum of dt A goes to -1500 in a chunk, while neighbours differ by hundredths: differences of sums lose digits.
        SsdShape shape = new(1, 256, 2, 4, 1, 5, Chunk: 256);
        Tensor[] inputs = Inputs(shape);
        for (int i = 0; i < inputs[1].Count; i++)
            inputs[1].Values[i] = i / shape.Heads % 8 == 7 ? 3f : 0.002f;
        inputs[2].Values.Fill(-16f);
        inputs[3].Values.Clear();
        AssertClose("precise", Scan(inputs, shape), Recurrence(inputs, shape), 1e-5);
    });

    [Fact]
    public void DocumentsStayPreciseAfterDocumentsThatForget() => Lanes.AtEveryWidth(() =>
    {
        // The first document takes the sum of dt A to -6000; the second remembers well, and its decays must not round at that size.
        SsdShape shape = new(1, 256, 2, 4, 1, 5, Chunk: 256);
        bool[] starts = [.. Enumerable.Range(0, shape.Length).Select(t => t == 128)];
        Tensor[] inputs = Inputs(shape);
        for (int i = 0; i < inputs[1].Count; i++)
            inputs[1].Values[i] = i / shape.Heads < 128 ? 3f : 0.0002f;
        inputs[2].Values.Fill(-16f);

        using Tape tape = Tape.Begin();
        (Tensor y, Tensor final) = Ops.Ssd(inputs[0], inputs[1], inputs[2], inputs[3], shape, inputs[4], starts);
        (double[] expected, double[] state) = Ops.SsdInDouble([.. inputs.Select(x => x.InDouble())], shape, starts);
        AssertClose("precise", [.. y.Values, .. final.Values], [.. expected, .. state], 1e-5);

        // What follows the start tells nothing about what was before it.
        final.Grad.Fill(1f);
        tape.Replay();
        Assert.Equal(-1, inputs[0].Grad[..(128 * shape.RowLength)].IndexOfAnyExcept(0f));
        Assert.Equal(-1, inputs[1].Grad[..(128 * shape.Heads)].IndexOfAnyExcept(0f));
        Assert.Equal(-1, inputs[4].Grad.IndexOfAnyExcept(0f));
    });

    [Fact]
    public void StartsThatDoNotFitAreRefused()
    {
        SsdShape shape = new(2, 3, 1, 1, 1, 1, Chunk: 2);
        Tensor[] t = Inputs(shape);
        Assert.Throws<ArgumentException>("starts", () => Ops.Ssd(t[0], t[1], t[2], t[3], shape, starts: new bool[3]));
        Assert.Throws<ArgumentException>("starts", () => Ops.CausalConv1d(t[0], new Tensor(shape.RowLength, 1, 2), starts: new bool[7]));
    }

    [Theory]
    [InlineData(4)]   // four registers of 1, 4, 8 and 16 lanes
    [InlineData(16)]
    [InlineData(19)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(128)]
    public void StepsAreTheScan(int headDim) => Lanes.AtEveryWidth(() =>
    {
        SsdShape shape = new(1, 40, 4, headDim, 2, 9, Chunk: 16);
        Tensor[] inputs = Inputs(shape);
        float[] state = inputs[4].Values.ToArray(), y = new float[shape.Length * shape.Inner];
        for (int t = 0; t < shape.Length; t++)
        {
            Simd.Run(new SsdStep
            {
                FirstHead = 0, EndHead = shape.Heads,
                Shape = shape, Xbc = inputs[0].Values.Slice(t * shape.RowLength, shape.RowLength),
                Dt = inputs[1].Values.Slice(t * shape.Heads, shape.Heads), A = inputs[2], D = inputs[3],
                State = state, Y = y.AsSpan(t * shape.Inner, shape.Inner),
            });
        }

        AssertClose("steps", [.. y, .. state], Array.ConvertAll(Scan(inputs, shape), v => (double)v), Tolerance);
    });

    [Fact]
    public void TheProfilerCountsTheProductsOfTheChunks()
    {
        SsdShape shape = new(Batch: 2, Length: 10, Heads: 4, HeadDim: 3, Groups: 1, State: 5, Chunk: 4);   // four blocks of one head
        using Profiler profiler = Profiler.Start();
        Run(Inputs(shape), shape);

        const int OfFour = 4 * (4 * 5 * 5 + 4 * 5 * 3 + 4 * 4 * 5 * 3), OfTwo = 4 * (2 * 3 * 5 + 2 * 3 * 3 + 4 * 2 * 5 * 3);
        ProfilerRow row = Assert.Single(profiler.Rows);
        Assert.Equal(("Ssd", 1, 2 * (OfFour + OfFour + OfTwo)), (row.Op, row.Calls, row.Flops));
    }

    /// <summary>xBC, dt above 0, A below 0, D and the initial state, all of which want gradients.</summary>
    private static Tensor[] Inputs(SsdShape shape)
    {
        Tensor[] inputs = [.. OpTable.ScanInputs(shape).Select((dims, i) => Normal($"scan {i}", true, dims))];
        for (int i = 0; i < inputs.Length; i++)
            OpTable.AdjustScan(i, inputs[i].ValueMemory);
        return inputs;
    }

    private static (Tensor Y, Tensor FinalState) Run(Tensor[] t, SsdShape shape) => Ops.Ssd(t[0], t[1], t[2], t[3], shape, t[4]);

    /// <summary>y and then the final state.</summary>
    private static float[] Scan(Tensor[] t, SsdShape shape)
    {
        (Tensor y, Tensor state) = Run(t, shape);
        return [.. y.Values, .. state.Values];
    }

    /// <summary>The same, token by token.</summary>
    private static double[] Recurrence(Tensor[] t, SsdShape shape)
    {
        (double[] y, double[] state) = Ops.SsdInDouble([.. t.Select(x => x.InDouble())], shape);
        return [.. y, .. state];
    }
}
