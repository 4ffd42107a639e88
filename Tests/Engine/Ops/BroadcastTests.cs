using CsCheck;
using Operation = System.Func<SpikeEngine.Tensor, SpikeEngine.Tensor, SpikeEngine.Tensor>;

namespace SpikeEngine.Tests.Engine;

/// <summary>Operations of two and three tensors on any shapes that can be broadcast, against loops over numpy's rule in double.</summary>
[Collection(Lanes.Name)]
public class BroadcastTests
{
    private const int Cases = 25;

    private static readonly Dictionary<string, (Operation Operation, Func<double, double, double> Naive)> s_differentiable = new()
    {
        ["Add"] = (Ops.Add, (a, b) => a + b),
        ["Sub"] = (Ops.Sub, (a, b) => a - b),
        ["Mul"] = (Ops.Mul, (a, b) => a * b),
        ["Div"] = (Ops.Div, (a, b) => a / b),
        ["Maximum"] = (Ops.Maximum, Math.Max),
        ["Minimum"] = (Ops.Minimum, Math.Min),
    };

    private static readonly Dictionary<string, (Operation Operation, Func<float, float, bool> Naive)> s_comparisons = new()
    {
        ["Greater"] = (Ops.Greater, (a, b) => a > b),
        ["GreaterOrEqual"] = (Ops.GreaterOrEqual, (a, b) => a >= b),
        ["Less"] = (Ops.Less, (a, b) => a < b),
        ["LessOrEqual"] = (Ops.LessOrEqual, (a, b) => a <= b),
        ["Equal"] = (Ops.Equal, (a, b) => a == b),
        ["NotEqual"] = (Ops.NotEqual, (a, b) => a != b),
    };

    /// <summary>Sizes of a result, and of three operands: leading axes left out, others 1.</summary>
    private static readonly Gen<(int[] Y, int[][] Operands)> s_shapes =
        from y in Gen.Int[1, 5].Array[0, 4]
        from left in Gen.Int[0, y.Length].Array[3]
        from repeated in Gen.Bool.Array[y.Length].Array[3]
        select (y, left.Zip(repeated, (start, ones) => y.Select((size, i) => ones[i] ? 1 : size).Skip(start).ToArray()).ToArray());

    public static TheoryData<string> Differentiable => [.. s_differentiable.Keys];

    public static TheoryData<string> Comparisons => [.. s_comparisons.Keys];

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void Values_and_gradients_are_those_of_loops(string name) => Lanes.AtEveryWidth(() => s_shapes.Sample(shapes =>
    {
        (Operation operation, Func<double, double, double> naive) = s_differentiable[name];
        Tensor a = AwayFrom0("a", shapes.Operands[0]), b = AwayFrom0("b", shapes.Operands[1]);
        Tensor y = operation(a, b);
        int[] dims = Broadcast(shapes.Operands[0], shapes.Operands[1]);
        Assert.Equal(dims, y.Shape.Dims.ToArray());
        Assert.All(Positions(dims), at => Assert.Equal(naive(At(a, at), At(b, at)), y.Values[at.Index], 1e-5));
        GradientCheck.Run(t => operation(t[0], t[1]), [a, b]).ThrowIfFailed();
    }, iter: Cases, threads: 1));

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void Comparisons_are_those_of_loops(string name) => Lanes.AtEveryWidth(() => s_shapes.Sample(shapes =>
    {
        (Operation operation, Func<float, float, bool> naive) = s_comparisons[name];
        Tensor a = Comparable("a", shapes.Operands[0]), b = Comparable("b", shapes.Operands[1]);
        using Tape tape = Tape.Begin();
        Tensor y = operation(a, b);
        Assert.False(y.NeedsGrad);
        Assert.All(Positions(Broadcast(shapes.Operands[0], shapes.Operands[1])), at =>
            Assert.Equal(naive(At(a, at), At(b, at)) ? 1f : 0f, y.Values[at.Index]));
    }, iter: Cases, threads: 1));

    [Fact]
    public void Where_is_a_loop() => Lanes.AtEveryWidth(() => s_shapes.Sample(shapes =>
    {
        Tensor condition = Comparable("condition", shapes.Operands[0]);
        condition.NeedsGrad = false;
        Tensor a = AwayFrom0("a", shapes.Operands[1]), b = AwayFrom0("b", shapes.Operands[2]);
        Tensor y = Ops.Where(condition, a, b);
        int[] dims = Broadcast(Broadcast(shapes.Operands[0], shapes.Operands[1]), shapes.Operands[2]);
        Assert.Equal(dims, y.Shape.Dims.ToArray());
        Assert.All(Positions(dims), at => Assert.Equal(At(condition, at) != 0 ? At(a, at) : At(b, at), y.Values[at.Index]));
        GradientCheck.Run(t => Ops.Where(t[0], t[1], t[2]), [condition, a, b]).ThrowIfFailed();
    }, iter: 2 * Cases, threads: 1));

    [Theory]
    [InlineData(new[] { 30, 40, 50 }, new[] { 50 })]
    [InlineData(new[] { 30, 40, 50 }, new[] { 40, 50 })]
    [InlineData(new[] { 60_000 }, new[] { 1 })]
    [InlineData(new[] { 300, 200 }, new[] { 300, 1 })]
    [InlineData(new[] { 2, 30_000 }, new[] { 2, 1 })]
    [InlineData(new[] { 2, 30_000 }, new[] { 30_000 })]
    [InlineData(new[] { 9, 7, 50, 31 }, new[] { 7, 1, 31 })]
    [InlineData(new[] { 9, 7, 50, 31 }, new[] { 9, 1, 50, 1 })]
    public void Many_pieces_sum_exactly(int[] large, int[] small)
    {
        Tensor a = Tensor.From(WholeNumbers.Array("a", large), large), b = Tensor.From(WholeNumbers.Array("b", small), small);
        a.NeedsGrad = b.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Mul(b, a);
        float[] upstream = WholeNumbers.Array("upstream", large);
        upstream.CopyTo(y.Grad);
        tape.Replay();

        float[] gradA = new float[a.Count], gradB = new float[b.Count];
        foreach ((int[] position, int index) in Positions(large))
        {
            gradA[index] = upstream[index] * b.Values[IndexOf(small, position)];
            gradB[IndexOf(small, position)] += upstream[index] * a.Values[index];
        }

        Assert.Equal(gradA, a.Grad.ToArray());
        Assert.Equal(gradB, b.Grad.ToArray());
    }

    [Fact]
    public void Overlapping_views_get_both_gradients()
    {
        Tensor x = Tensor.From(WholeNumbers.Array("x", 40_001), 40_001);
        x.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Add(x.SliceRows(0, 40_000), x.SliceRows(1, 40_000));
        y.Grad.Fill(1f);
        tape.Replay();

        Assert.Equal([1f, .. Enumerable.Repeat(2f, 39_999), 1f], x.Grad.ToArray());
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        Tensor a = new(2, 3, 4), b = new(2, 4);
        string message = Assert.Throws<ArgumentException>(() => Ops.Mul(a, b)).Message;
        Assert.Contains("[2, 3, 4]", message, StringComparison.Ordinal);
        Assert.Contains("[2, 4]", message, StringComparison.Ordinal);
        Assert.Contains("axis -2", message, StringComparison.Ordinal);

        message = Assert.Throws<ArgumentException>(() => Ops.Where(new Tensor(5), a, a)).Message;
        Assert.Contains("[2, 3, 4]", message, StringComparison.Ordinal);
        Assert.Contains("[5]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_broadcasts_to_nothing()
    {
        Tensor a = new(0, 3), b = Tensor.From([1f, 2f, 3f], 1, 3);
        b.NeedsGrad = true;
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Mul(a, b);
        _ = y.Grad;
        tape.Replay();

        Assert.Equal(new Shape(0, 3), y.Shape);
        Assert.Equal([0f, 0f, 0f], b.Grad.ToArray());
    }

    [Fact]
    public void Not_a_number_wins_on_either_side() => Lanes.AtEveryWidth(() =>
    {
        Tensor number = new(17), nan = new(17);
        number.Values.Fill(1f);
        nan.Values.Fill(float.NaN);
        Tensor[] extrema =
            [Ops.Maximum(number, nan), Ops.Maximum(nan, number), Ops.Minimum(number, nan), Ops.Minimum(nan, number)];
        foreach (Tensor y in extrema)
            Assert.All(y.Values.ToArray(), v => Assert.True(float.IsNaN(v)));
        Assert.All(Ops.NotEqual(nan, nan).Values.ToArray(), v => Assert.Equal(1f, v));
        Assert.All(Ops.Equal(nan, nan).Values.ToArray(), v => Assert.Equal(0f, v));
        Assert.All(Ops.GreaterOrEqual(nan, number).Values.ToArray(), v => Assert.Equal(0f, v));
    });

    private static Tensor AwayFrom0(string name, int[] dims)
    {
        Tensor x = FiniteDifferences.Normal(name, true, dims);
        foreach (ref float value in x.Values)
            value += MathF.CopySign(0.3f, value);
        return x;
    }

    /// <summary>Few different values, so that equal ones meet.</summary>
    private static Tensor Comparable(string name, int[] dims)
    {
        Tensor x = FiniteDifferences.Normal(name, true, dims);
        foreach (ref float value in x.Values)
            value = MathF.Round(value);
        return x;
    }

    private static int[] Broadcast(int[] a, int[] b) =>
        [.. Enumerable.Range(0, Math.Max(a.Length, b.Length)).Reverse().Select(i => Math.Max(SizeAt(a, i), SizeAt(b, i)))];

    private static int SizeAt(int[] dims, int fromEnd) => fromEnd < dims.Length ? dims[^(fromEnd + 1)] : 1;

    /// <summary>Every position of a shape, the last axis fastest.</summary>
    private static IEnumerable<(int[] Position, int Index)> Positions(int[] dims)
    {
        int count = dims.Aggregate(1, (product, size) => product * size);
        for (int index = 0; index < count; index++)
        {
            int[] position = new int[dims.Length];
            for (int axis = dims.Length - 1, rest = index; axis >= 0; axis--)
                (rest, position[axis]) = Math.DivRem(rest, dims[axis]);
            yield return (position, index);
        }
    }

    private static float At(Tensor x, (int[] Position, int Index) at) => x.Values[IndexOf(x.Shape.Dims.ToArray(), at.Position)];

    private static int IndexOf(int[] dims, int[] position)
    {
        int index = 0;
        for (int axis = 0; axis < dims.Length; axis++)
            index = index * dims[axis] + (dims[axis] == 1 ? 0 : position[position.Length - dims.Length + axis]);
        return index;
    }
}
