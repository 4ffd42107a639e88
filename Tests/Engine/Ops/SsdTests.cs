using SpikeEngine.Kernels;
using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>The chunked scan against the recurrence that it stands for, and its gradients against differences of that.</summary>
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
            AssertClose($"chunks of {chunk}", Scan(inputs, shape).Values, Recurrence(inputs, shape), Tolerance);
        }
    });

    [Fact]
    public void ALongTextDoesNotDrift()
    {
        SsdShape shape = new(1, 2_000, 2, 8, 1, 16, 64);
        Tensor[] inputs = Inputs(shape);
        AssertClose("long", Scan(inputs, shape).Values, Recurrence(inputs, shape), Tolerance);
    }

    [Theory]
    [InlineData(1, 6, 4, 1)]    // blocks of heads share a group
    [InlineData(8, 2, 3, 1)]    // a task is a whole sequence
    [InlineData(2, 4, 2, 2)]
    public void GradientsMatchTheRecurrence(int batch, int heads, int headDim, int groups)
    {
        foreach (int chunk in new[] { 1, 3, 7 })
        {
            SsdShape shape = new(batch, 7, heads, headDim, groups, State: 3, chunk);
            AgainstNaive(t => Scan(t, shape), x => NaiveOps.Ssd(x[0], x[1], x[2], x[3], x[4], shape), Inputs(shape), Tolerance);
        }
    }

    [Fact]
    public void GradientsMatchAtEveryWidth() => Lanes.AtEveryWidth(() =>
    {
        SsdShape shape = new(1, 5, 2, 18, 1, State: 17, Chunk: 4);   // full registers and tails in P and N
        AgainstNaive(t => Scan(t, shape), x => NaiveOps.Ssd(x[0], x[1], x[2], x[3], x[4], shape), Inputs(shape), Tolerance);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AFrozenInputChangesNoOtherGradient(int frozen)
    {
        SsdShape shape = new(2, 5, 2, 3, 1, State: 4, Chunk: 2);
        Tensor[] inputs = Inputs(shape);
        inputs[frozen].NeedsGrad = false;
        AgainstNaive(t => Scan(t, shape), x => NaiveOps.Ssd(x[0], x[1], x[2], x[3], x[4], shape), inputs, Tolerance);
        Assert.True(inputs[frozen].Grad.IsEmpty);
    }

    [Fact]
    public void TheFinalStateAlonePassesItsGradientOn()
    {
        SsdShape shape = new(1, 5, 2, 3, 1, State: 4, Chunk: 2);
        AgainstNaive(
            t => Ops.Ssd(t[0], t[1], t[2], t[3], shape, t[4]).FinalState,
            x => NaiveOps.Ssd(x[0], x[1], x[2], x[3], x[4], shape)[(shape.Length * shape.Inner)..],
            Inputs(shape),
            Tolerance);
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
        Tensor all = Scan(inputs, shape);
        all.Grad.Fill(1f);
        tape.Replay();

        AssertClose("decayed", all.Values, Recurrence(inputs, shape), Tolerance);
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
        AssertClose("precise", Scan(inputs, shape).Values, Recurrence(inputs, shape), 1e-5);
    });

    [Fact]
    public void StepsAreTheScan() => Lanes.AtEveryWidth(() =>
    {
        SsdShape shape = new(1, 40, 4, 19, 2, 9, Chunk: 16);
        Tensor[] inputs = Inputs(shape);
        float[] state = inputs[4].Values.ToArray(), y = new float[shape.Length * shape.Inner];
        for (int t = 0; t < shape.Length; t++)
        {
            Simd.Run(new SsdStep
            {
                Shape = shape, Xbc = inputs[0].Values.Slice(t * shape.RowLength, shape.RowLength),
                Dt = inputs[1].Values.Slice(t * shape.Heads, shape.Heads), A = inputs[2], D = inputs[3],
                State = state, Y = y.AsSpan(t * shape.Inner, shape.Inner),
            });
        }

        AssertClose("steps", [.. y, .. state], Array.ConvertAll(Scan(inputs, shape).Values.ToArray(), v => (double)v), Tolerance);
    });

    /// <summary>xBC, dt above 0, A below 0, D and the initial state, all of which want gradients.</summary>
    private static Tensor[] Inputs(SsdShape shape)
    {
        Tensor[] inputs =
        [
            Normal("xbc", true, shape.Batch, shape.Length, shape.RowLength),
            Normal("dt", true, shape.Batch, shape.Length, shape.Heads),
            Normal("a", true, shape.Heads),
            Normal("d", true, shape.Heads),
            Normal("state", true, shape.Batch, shape.Heads, shape.State, shape.HeadDim),
        ];
        foreach (ref float dt in inputs[1].Values)
            dt = 0.05f + 0.3f * MathF.Abs(dt);
        foreach (ref float a in inputs[2].Values)
            a = -0.1f - MathF.Abs(a);
        return inputs;
    }

    private static (Tensor Y, Tensor FinalState) Run(Tensor[] t, SsdShape shape) => Ops.Ssd(t[0], t[1], t[2], t[3], shape, t[4]);

    /// <summary>y and the final state, one after the other.</summary>
    private static Tensor Scan(Tensor[] t, SsdShape shape)
    {
        (Tensor y, Tensor state) = Run(t, shape);
        return Ops.Concat([Ops.Flatten(y), Ops.Flatten(state)]);
    }

    private static double[] Recurrence(Tensor[] t, SsdShape shape)
    {
        double[][] x = [.. t.Select(v => Array.ConvertAll(v.Values.ToArray(), f => (double)f))];
        return NaiveOps.Ssd(x[0], x[1], x[2], x[3], x[4], shape);
    }
}
