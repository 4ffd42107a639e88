using CsCheck;

namespace SpikeEngine.Tests.Engine;

/// <summary>Gathers and scatters of random shapes against loops over indices; small whole numbers make sums exact.</summary>
[Collection(Lanes.Name)]
public class IndexingTests
{
    private static readonly Gen<(int[] Data, int[] Index, int Axis, int[] Source)> s_cases =
        Gen.Int[1, 4].SelectMany(rank => Gen.Select(
            Gen.Int[1, 6].Array[rank], Gen.Int[0, 3].Array[rank], Gen.Int[0, rank - 1], Gen.Int[0, 9], Gen.Int[0, 2].Array[rank],
            (data, less, axis, entries, more) =>
            {
                int[] index = [.. data.Select((size, i) => i == axis ? entries : Math.Max(0, size - less[i]))];
                return (data, index, axis, index.Zip(more, (size, m) => size + m).ToArray());
            }));

    [Fact]
    public void GatherReadsWhatTheIndicesName() => s_cases.Sample(c =>
    {
        Tensor x = Whole("x", c.Data);
        int[] indices = Indices(new Shape(c.Index).Count, c.Data[c.Axis]);
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Gather(x, indices, c.Index, c.Axis);
        Assert.Equal(new Shape(c.Index), y.Shape);
        float[] upstream = WholeNumbers.Array("upstream", c.Index), gradient = new float[x.Count];
        upstream.CopyTo(y.Grad);
        tape.Replay();
        ForEach(c.Index, (i, at) =>
        {
            at[c.Axis] = indices[i];
            Assert.Equal(x.Values[Place(at, c.Data)], y.Values[i]);
            gradient[Place(at, c.Data)] += upstream[i];
        });
        Assert.Equal(gradient, x.Grad.ToArray());
    }, iter: 500, threads: 1);

    [Fact]
    public void ScatterAddsWhereTheIndicesPoint() => s_cases.Sample(c =>
    {
        Tensor x = Whole("x", c.Data), source = Whole("source", c.Source);
        int[] indices = Indices(new Shape(c.Index).Count, c.Data[c.Axis]);
        using Tape tape = Tape.Begin();
        Tensor y = Ops.ScatterAdd(x, indices, c.Index, source, c.Axis);
        float[] upstream = WholeNumbers.Array("upstream", c.Data), expected = x.ToArray(), gradient = new float[source.Count];
        upstream.CopyTo(y.Grad);
        tape.Replay();
        ForEach(c.Index, (i, at) =>
        {
            int from = Place(at, c.Source);
            at[c.Axis] = indices[i];
            expected[Place(at, c.Data)] += source.Values[from];
            gradient[from] += upstream[Place(at, c.Data)];
        });
        Assert.Equal(expected, y.ToArray());
        Assert.Equal(upstream, x.Grad.ToArray());
        Assert.Equal(gradient, source.Grad.ToArray());
    }, iter: 500, threads: 1);

    [Fact]
    public void IndexSelectTakesWholeEntries() => Lanes.AtEveryWidth(() => s_cases.Sample(c =>
    {
        Tensor x = Whole("x", c.Data);
        int[] indices = Indices(c.Index[c.Axis], c.Data[c.Axis]), selected = [.. c.Data];
        selected[c.Axis] = indices.Length;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.IndexSelect(x, indices, c.Axis - c.Data.Length);
        Assert.Equal(new Shape(selected), y.Shape);
        float[] upstream = WholeNumbers.Array("upstream", selected), gradient = new float[x.Count];
        upstream.CopyTo(y.Grad);
        tape.Replay();
        ForEach(selected, (i, at) =>
        {
            at[c.Axis] = indices[at[c.Axis]];
            Assert.Equal(x.Values[Place(at, c.Data)], y.Values[i]);
            gradient[Place(at, c.Data)] += upstream[i];
        });
        Assert.Equal(gradient, x.Grad.ToArray());
    }, iter: 200, threads: 1));

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    public void AWrongIndexIsNamedWithItsAxisAndTheShape(int index)
    {
        Tensor x = new(4, 7);
        foreach (Action action in new Action[]
        {
            () => Ops.Gather(x, new[] { 0, index }, [1, 2], axis: -1),
            () => Ops.ScatterAdd(x, new[] { 0, index }, [1, 2], new Tensor(1, 2), axis: 1),
            () => Ops.IndexSelect(x, new[] { 0, index }, axis: 1),
        })
        {
            Says<ArgumentOutOfRangeException>($"Index {index} on axis 1 of [4, 7]", action);
        }
    }

    [Fact]
    public void ShapesThatDoNotFitAreNamed()
    {
        Tensor x = new(4, 7);
        Says<ArgumentException>("[5, 1]", () => Ops.Gather(x, new int[5], [5, 1], axis: 1));
        Says<ArgumentException>("[5]", () => Ops.Gather(x, new int[5], [5], axis: 1));
        Says<ArgumentException>("5 indices", () => Ops.Gather(x, new int[5], [4, 1], axis: 1));
        Says<ArgumentException>("source is [1, 2]", () => Ops.ScatterAdd(x, new int[3], [1, 3], new Tensor(1, 2), axis: 1));
    }

    private static void Says<T>(string part, Action action)
        where T : Exception => Assert.Contains(part, Assert.Throws<T>(action).Message, StringComparison.Ordinal);

    private static Tensor Whole(string name, int[] dims)
    {
        Tensor x = Tensor.From(WholeNumbers.Array(name, dims), dims);
        x.NeedsGrad = true;
        return x;
    }

    private static int[] Indices(int count, int bound)
    {
        SeededRandom random = new(5, "indices");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(bound))];
    }

    private static void ForEach(int[] dims, Action<int, int[]> body)
    {
        for (int i = 0; i < new Shape(dims).Count; i++)
        {
            int rest = i;
            int[] at = new int[dims.Length];
            for (int axis = dims.Length - 1; axis >= 0; axis--)
                (rest, at[axis]) = Math.DivRem(rest, dims[axis]);
            body(i, at);
        }
    }

    private static int Place(int[] at, int[] dims) => at.Zip(dims).Aggregate(0, (sum, pair) => sum * pair.Second + pair.First);
}
