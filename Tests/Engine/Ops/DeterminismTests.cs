using SpikeEngine.Tests.Reference;
using static SpikeEngine.Tests.Reference.FiniteDifferences;

namespace SpikeEngine.Tests.Engine;

/// <summary>One thread and three give the same bits, in values and gradients.</summary>
[Collection(Lanes.Name)]
public class DeterminismTests
{
    private static readonly Dictionary<string, (Func<Tensor[], Tensor> Operation, int[][] Shapes)> s_operations = new()
    {
        ["RmsNorm"] = (t => Ops.RmsNorm(t[0], t[1]), [[500, 129], [129]]),
        ["GatedRmsNorm"] = (t => Ops.GatedRmsNorm(t[0], t[1], t[2], 64), [[500, 128], [500, 128], [128]]),
        ["CausalConv1d"] = (t => Ops.CausalConv1d(t[0], t[1], t[2], true, t[3]), [[3, 200, 300], [300, 1, 4], [300], [3, 300, 4]]),
        ["TimeStep"] = (t => Ops.TimeStep(t[0], t[1]), [[5_000, 24], [24]]),
        ["Silu"] = (t => Ops.Silu(t[0]), [[70_001]]),
        ["TiLif"] = (t => Ops.TiLif(t[0], compensation: 0.25f), [[70_001]]),
        ["Add"] = (t => Ops.Add(Ops.Scale(t[0], 3f), t[1]), [[70_001], [70_001]]),
        ["Embedding"] = (t => Ops.Embedding(t[0], Ids(1_000, 50), 10, 100), [[50, 400]]),
        ["CrossEntropy"] = (t => Ops.CrossEntropy(t[0], Ids(300, 257)), [[300, 257]]),
        ["KLDivergence"] = (t => Ops.KLDivergence(t[0], t[1], 2f), [[300, 257], [300, 257]]),
        ["HiddenLoss"] = (t => Ops.HiddenLoss(t[0], t[1]), [[300, 257], [300, 257]]),
    };

    public static TheoryData<string> Operations => [.. s_operations.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void ThreadsDoNotChangeABit(string name) =>
        Assert.Equal(Lanes.WithThreads(1, () => Bits(name, [])), Lanes.WithThreads(3, () => Bits(name, [])));

    [Theory]
    [MemberData(nameof(Operations))]
    public void FrozenInputsAreSkippedAndChangeNothingElse(string name)
    {
        float[][] all = Bits(name, []);
        for (int frozen = 0; frozen < s_operations[name].Shapes.Length; frozen++)
        {
            float[][] some = Bits(name, [frozen]);
            Assert.Empty(some[frozen + 1]);
            for (int i = 1; i < all.Length && all.Length > 2; i++)
                Assert.Equal(i == frozen + 1 ? [] : all[i], some[i]);
        }
    }

    /// <summary>The value, then every gradient: empty for a frozen input.</summary>
    private static float[][] Bits(string name, int[] frozen)
    {
        (Func<Tensor[], Tensor> operation, int[][] shapes) = s_operations[name];
        using Workspace.Scope scope = new Workspace().Open();
        Tensor[] inputs = [.. shapes.Select((shape, i) => Normal($"{name}{i}", !frozen.Contains(i), shape))];
        using Tape tape = Tape.Begin();
        Tensor y = operation(inputs);
        if (y.NeedsGrad)
        {
            Normal("upstream", false, y.Count).Values.CopyTo(y.Grad);
            tape.Replay();
        }

        return [y.Values.ToArray(), .. inputs.Select(x => x.Grad.ToArray())];
    }

    private static int[] Ids(int count, int bound)
    {
        SeededRandom random = new(3, "ids");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(bound))];
    }
}
