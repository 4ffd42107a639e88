namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Shapes() =>
    [
        new("Flatten of a view", t => Ops.Square(Ops.Flatten(t[0])), [[2, 3, 5]], [[40, 30, 29]]),
        new("Squeeze of a view", t => Ops.Square(Ops.Squeeze(t[0], 1)), [[3, 1, 5]], [[300, 1, 129]]),
        new("Unsqueeze of a view", t => Ops.Square(Ops.Unsqueeze(t[0], 1)), [[3, 5]], [[300, 129]]),
        new("Gather last axis", t => Gathered(t[0], axis: -1, size => size + 2), [[3, 2, 5]], [[300, 129]]),
        new("Gather first axis", t => Gathered(t[0], axis: 0, size => size + 3), [[3, 2, 5]], [[129, 300]]),
        new("Gather middle axis of a corner", t => Gathered(t[0], axis: 1, size => size - 1), [[3, 4, 5]], [[40, 17, 60]]),
        new("ScatterAdd last axis", t => Scattered(t[0], t[1], axis: -1), [[3, 4, 5], [3, 4, 7]], [[300, 129], [300, 140]]),
        new("ScatterAdd first axis", t => Scattered(t[0], t[1], axis: 0), [[4, 3, 5], [6, 3, 5]], [[129, 300], [140, 300]]),
        new("ScatterAdd middle axis", t => Scattered(t[0], t[1], axis: 1), [[3, 4, 5], [2, 3, 4]], [[40, 17, 60], [39, 20, 60]]),
        new("IndexSelect first axis", t => Ops.IndexSelect(t[0], Positions(7, t[0].Shape[0]), 0), [[5, 2, 3]], [[50, 20, 30]]),
        new("IndexSelect middle axis", t => Ops.IndexSelect(t[0], Positions(40, t[0].Shape[1]), 1), [[3, 4, 5]], [[40, 17, 60]]),
        new("IndexSelect last axis", t => Ops.IndexSelect(t[0], Positions(11, t[0].Shape[-1]), -1), [[3, 2, 5]], [[400, 129]]),
        new("Concat", t => Ops.Concat([t[0], t[1], t[0]], axis: 1), [[2, 3, 5], [2, 1, 5]], [[30, 20, 41], [30, 7, 41]]),
        new("Concat last axis", t => Ops.Concat([t[0], t[1]], axis: -1), [[2, 3, 5], [2, 3, 1]], [[300, 100], [300, 31]]),
        new("Stack", t => Ops.Stack([t[0], t[1]], axis: -1), [[3, 5], [3, 5]], [[300, 129], [300, 129]]),
        new("Split", t => Ops.Concat(Ops.Split(t[0], [2, t[0].Shape[1] - 3, 1], axis: 1).AsSpan(1), axis: 1), [[2, 5, 3]], [[40, 9, 200]]),
        new("Slice", t => Ops.Slice(t[0], 1..^1, .., new SliceRange(null, null, 2)), [[4, 2, 7]], [[20, 50, 71]]),
        new("Slice backwards", t => Ops.Slice(t[0], axis: 0, step: -1), [[4, 5]], [[300, 129]]),
        new("Pad", t => Ops.Pad(t[0], axis: 1, before: 2, after: 1, value: 0.5f), [[3, 2, 5]], [[30, 20, 41]]),
        new("Permute", t => Ops.Permute(t[0], 2, 0, 3, 1), [[2, 3, 4, 5]], [[10, 20, 30, 17]]),
        new("Permute rows", t => Ops.Permute(t[0], 0, 2, 1, 3), [[2, 3, 4, 5]], [[10, 20, 30, 17]]),
        new("Transpose", t => Ops.Transpose(t[0], -1, -2), [[2, 17, 19]], [[3, 130, 129]]),
        new("Expand rows", t => Ops.Expand(t[0], 30, 4, -1), [[5]], [[129]]),
        new("Expand columns", t => Ops.Expand(t[0], -1, 7), [[5, 1]], [[20_000, 1]]),
        new("Expand between", t => Ops.Expand(t[0], 4, -1, 3, -1), [[2, 1, 5]], [[50, 1, 129]]),
        new("Expand number", t => Ops.Expand(t[0], 3, 5), [[1]], [[1]]),
        new("Tril", t => Ops.Tril(t[0], -1), [[2, 5, 4]], [[4, 70, 81]]),
        new("Triu", t => Ops.Triu(t[0], 1), [[2, 4, 5]], [[4, 70, 81]]),
        new("Clone", t => t[0].Clone(), [[3, 5]], [[300, 129]]),
        new("Linear BFloat16", t => Ops.Linear(t[0], Stored(t[0], 37, StorageType.BFloat16), t[1]), [[2, 5, 19], [37]], [[300, 129], [37]]),
        new("Linear Float16", t => Ops.Linear(t[0], Stored(t[0], 70, StorageType.Float16)), [[3, 19]], [[300, 129]]),
        new("Linear Int8", t => Ops.Linear(t[0], Stored(t[0], 70, StorageType.Int8), t[1]), [[3, 19], [70]], [[300, 129], [70]]),
        new("Linear Float32", t => Ops.Linear(t[0], Stored(t[0], 7, StorageType.Float32), t[1]), [[5, 19], [7]], [[300, 129], [7]]),
    ];

    private static Tensor Gathered(Tensor x, int axis, Func<int, int> entries)
    {
        Shape index = x.Shape.With(axis, entries(x.Shape[axis]));
        if (index.Rank == 3 && axis == 1)
            index = index.With(0, x.Shape[0] - 1).With(2, x.Shape[2] - 2);
        return Ops.Gather(x, Positions(index.Count, x.Shape[axis]), index.Dims, axis);
    }

    private static Tensor Scattered(Tensor x, Tensor source, int axis)
    {
        Shape index = axis == 1 ? source.Shape.With(2, source.Shape[2] - 1) : source.Shape;
        return Ops.ScatterAdd(x, Positions(index.Count, x.Shape[axis]), index.Dims, source, axis);
    }

    private static StoredTensor Stored(Tensor x, int outputs, StorageType type) =>
        StoredTensor.From(FiniteDifferences.Normal("weight", false, outputs, x.Columns), type);

    private static int[] Positions(int count, int bound)
    {
        SeededRandom random = new(3, "positions");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(bound))];
    }
}
