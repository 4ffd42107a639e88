using CsCheck;

namespace SpikeEngine.Tests.Engine;

/// <summary>Slices, permutations, joins and repetitions of random shapes against loops over indices, values and gradients.</summary>
[Collection(Lanes.Name)]
public class RearrangementTests
{
    private static readonly Gen<int[]> s_shapes = Gen.Int[1, 5].SelectMany(rank => Gen.Int[0, 6].Array[rank]);

    private static readonly Gen<int?> s_positions = Gen.Int[-9, 9].Select(position => position is > 7 or < -7 ? (int?)null : position);

    private static readonly Gen<SliceRange> s_ranges = Gen.Select(
        s_positions, s_positions, Gen.Int[-3, 3].Where(step => step != 0), (start, end, step) => new SliceRange(start, end, step));

    [Fact]
    public void SlicesAreThoseOfPython() => Lanes.AtEveryWidth(() =>
        Gen.Select(s_shapes, s_ranges.Array[5]).Sample((dims, ranges) =>
        {
            ranges = ranges[..Math.Min(ranges.Length, dims.Length)];
            List<int>[] kept = [.. dims.Select((size, axis) => Python(axis < ranges.Length ? ranges[axis] : SliceRange.All, size))];
            Check(dims, x => Ops.Slice(x, ranges), [.. kept.Select(k => k.Count)], at => [.. at.Select((i, axis) => kept[axis][i])]);
        }, iter: 300, threads: 1));

    [Fact]
    public void PermutationsMoveAxes() => Lanes.AtEveryWidth(() =>
        s_shapes.SelectMany(dims => Gen.Shuffle(Enumerable.Range(0, dims.Length).ToArray()).Select(axes => (dims, axes))).Sample(c =>
        {
            (int[] dims, int[] axes) = c;
            Check(dims, x => Ops.Permute(x, axes), [.. axes.Select(axis => dims[axis])], at =>
            {
                int[] source = new int[at.Length];
                for (int i = 0; i < at.Length; i++)
                    source[axes[i]] = at[i];
                return source;
            });
        }, iter: 300, threads: 1));

    [Theory]
    [InlineData(33, 70)]
    [InlineData(16, 16)]
    [InlineData(1, 40)]
    [InlineData(1_001, 7)]
    public void LargeMatricesAreTransposedInBlocks(int rows, int columns) =>
        Check([3, rows, columns], x => Ops.Transpose(x, 1, -1), [3, columns, rows], at => [at[0], at[2], at[1]]);

    [Fact]
    public void RepetitionsSumTheirGradients() => Lanes.AtEveryWidth(() =>
        Gen.Select(s_shapes, Gen.Bool.Array[5], Gen.Int[1, 6].Array[2], Gen.Int[0, 2]).Sample((dims, repeated, added, count) =>
        {
            int[] from = [.. dims.Select((size, axis) => repeated[axis] ? 1 : size)];
            Check(from, x => Ops.Expand(x, [.. added[..count], .. dims]), [.. added[..count], .. dims],
                at => [.. at[count..].Select((i, axis) => from[axis] == 1 ? 0 : i)]);
        }, iter: 300, threads: 1));

    [Fact]
    public void PaddingIsConstantAroundTheValues() => Lanes.AtEveryWidth(() =>
        Gen.Select(s_shapes, Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 3]).Sample((dims, axis, before, after) =>
        {
            axis %= dims.Length;
            int[] padded = [.. dims];
            padded[axis] += before + after;
            Check(dims, x => Ops.Pad(x, axis, before, after, 77f), padded, at =>
            {
                int[] source = [.. at];
                source[axis] -= before;
                return source[axis] >= 0 && source[axis] < dims[axis] ? source : null;
            }, constant: 77f);
        }, iter: 300, threads: 1));

    [Fact]
    public void WhatIsSplitAndJoinedIsWhatItWas() => Lanes.AtEveryWidth(() =>
        Gen.Select(s_shapes, Gen.Int[0, 4], Gen.Int[0, 5].Array[0, 4]).Sample((dims, axis, sizes) =>
        {
            axis %= dims.Length;
            dims[axis] = sizes.Sum();
            if (sizes.Length > 0)
                Check(dims, x => Ops.Concat(Ops.Split(x, sizes, axis), axis - dims.Length), dims, at => at);
        }, iter: 300, threads: 1));

    [Fact]
    public void PiecesAreSlices()
    {
        Tensor[] pieces = Ops.Split(Tensor.Arange(6).Reshape(2, 3), [1, 2], axis: 1);
        Assert.Equal([0f, 3f], pieces[0].ToArray());
        Assert.Equal([1f, 2f, 4f, 5f], pieces[1].ToArray());
    }

    [Fact]
    public void StackedTensorsGetAnAxis()
    {
        Tensor a = Tensor.Arange(4).Reshape(2, 2), b = Tensor.Full(9f, 2, 2);
        Tensor first = Ops.Stack([a, b]), last = Ops.Stack([a, b], axis: -1);
        Assert.Equal(new Shape(2, 2, 2), first.Shape);
        Assert.Equal([0f, 1f, 2f, 3f, 9f, 9f, 9f, 9f], first.ToArray());
        Assert.Equal([0f, 9f, 1f, 9f, 2f, 9f, 3f, 9f], last.ToArray());
    }

    [Fact]
    public void StackNamesTheShapesItWasGiven()
    {
        string message = Assert.Throws<ArgumentException>(() => Ops.Stack([new Tensor(2, 3), new Tensor(3, 2)])).Message;
        Assert.StartsWith("Tensors [2, 3] and [3, 2] cannot be stacked.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrianglesKeepTheirSideOfTheDiagonal() => Lanes.AtEveryWidth(() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[-25, 25]).Sample((count, rows, columns, diagonal) =>
        {
            int[] dims = [count, rows, columns];
            Check(dims, x => Ops.Tril(x, diagonal), dims, at => at[2] - at[1] <= diagonal ? at : null);
            Check(dims, x => Ops.Triu(x, diagonal), dims, at => at[2] - at[1] >= diagonal ? at : null);
        }, iter: 100, threads: 1));

    [Fact]
    public void AxesOfOneComeAndGoWithoutACopy()
    {
        Tensor x = Tensor.Arange(6).Reshape(2, 3);
        Assert.Equal(new Shape(2, 1, 3), Ops.Unsqueeze(x, 1).Shape);
        Assert.Equal(new Shape(2, 3, 1), Ops.Unsqueeze(x, -1).Shape);
        Assert.Equal(x.Shape, Ops.Squeeze(Ops.Unsqueeze(x, 0), 0).Shape);
        Assert.Equal(new Shape(1, 6, 4), Ops.Flatten(Tensor.Zeros(1, 2, 3, 4), 1, -2).Shape);
        Assert.Equal(new Shape(2, 0), Ops.Flatten(Tensor.Zeros(2, 0), 0, 0).Reshape(2, 0).Shape);
        Ops.Flatten(x).Values[5] = 50f;
        Assert.Equal(50f, x.Values[5]);
    }

    [Fact]
    public void MistakesNameTheShapes()
    {
        Tensor x = new(2, 3);
        Says("[2, 3]", () => Ops.Squeeze(x, 0));
        Says("[2, 3]", () => Ops.Permute(x, 0, 0));
        Says("[2, 3]", () => Ops.Slice(x, .., .., ..));
        Says("[2, 1]", () => Ops.Split(x, [2, 1]));
        Says("[2, 4]", () => Ops.Concat([x, new Tensor(2, 4)]));
        Says("[4, 3]", () => Ops.Expand(x, 4, 3));
        Says("[2]", () => Ops.Expand(x, 2));
        Assert.Throws<ArgumentException>(() => Ops.Slice(x, default(SliceRange)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Slice(x, axis: 2, start: 0));
        Assert.Throws<ArgumentException>(() => Ops.Concat([]));
    }

    private static void Says(string part, Action action) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);

    /// <summary>
    /// y at every index is x at the index that <paramref name="source"/> names, or the constant, and the gradient of x is the sum of
    /// those of the places that came from it: small whole numbers, so exactly.
    /// </summary>
    private static void Check(int[] from, Func<Tensor, Tensor> operation, int[] to, Func<int[], int[]?> source, float constant = 0f)
    {
        Tensor x = Tensor.From(WholeNumbers.Array("x", from), from);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = operation(x);
        Assert.Equal(new Shape(to), y.Shape);
        float[] upstream = WholeNumbers.Array("upstream", to), gradient = new float[x.Count];
        upstream.CopyTo(y.Grad);
        tape.Replay();

        int[] at = new int[to.Length];
        for (int i = 0; i < y.Count; i++)
        {
            int rest = i;
            for (int axis = to.Length - 1; axis >= 0; axis--)
                (rest, at[axis]) = Math.DivRem(rest, to[axis]);
            int? place = source([.. at])?.Zip(from).Aggregate(0, (sum, pair) => sum * pair.Second + pair.First);
            Assert.Equal(place is { } p ? x.Values[p] : constant, y.Values[i]);
            if (place is { } q)
                gradient[q] += upstream[i];
        }

        Assert.Equal(gradient, x.Grad.ToArray());
    }

    /// <summary>The entries of a range one by one, by the rules of Python's documentation.</summary>
    private static List<int> Python(SliceRange range, int size)
    {
        List<int> kept = [];
        int start = range.Start is { } s ? (s < 0 ? s + size : s) : range.Step > 0 ? 0 : size - 1;
        int end = range.End is { } e ? (e < 0 ? e + size : e) : range.Step > 0 ? size : int.MinValue;
        if (range.End < 0 && end < 0)
            end = range.Step > 0 ? 0 : -1;
        start = range.Step > 0 ? Math.Max(start, 0) : Math.Min(start, size - 1);
        for (int i = start; range.Step > 0 ? i < end && i < size : i > end && i >= 0; i += range.Step)
            kept.Add(i);
        return kept;
    }
}
