using System.Reflection;

namespace SpikeEngine.Tests.Engine;

/// <summary>What holds of every operation.</summary>
[Collection(Lanes.Name)]
public class OpTableTests
{
    public static TheoryData<string> Names => OpTable.Names;

    /// <summary>Comparisons have no gradient, arguments of the extremes are numbers, and some are for inference alone: those have tests of their own.</summary>
    [Fact]
    public void EveryDifferentiableOperationHasARow()
    {
        string[] others = ["Unary", "Binary", "Checkpoint", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "NotEqual", "ArgMax", "ArgMin", "SpikeConv2d", "IntegrateAndFire", "NoisyShare"];
        IEnumerable<string> rows = OpTable.Rows.Keys.Select(name => name.Split(' ')[0]);
        IEnumerable<string> operations = typeof(Ops).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(method => method.Name);
        Assert.Empty(operations.Except(rows).Except(others));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ValuesAndGradientsAreThoseOfTheDoubleForm(string name) => Lanes.AtEveryWidth(() =>
    {
        OpRow row = OpTable.Rows[name];
        GradientCheck.Run(row.Operation, row.Inputs(large: false), new GradientCheckOptions { Tolerance = row.Tolerance }).ThrowIfFailed();
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void ThreadsDoNotChangeABit(string name)
    {
        float[][] one = Lanes.WithThreads(1, () => Bits(name));
        foreach (int threads in new[] { 1, 2, 3, 8 })
            Assert.Equal(one, Lanes.WithThreads(threads, () => Bits(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FrozenInputsAreSkippedAndChangeNothingElse(string name)
    {
        float[][] all = Bits(name);
        for (int frozen = 0; frozen < all.Length - 1; frozen++)
        {
            float[][] some = Bits(name, frozen);
            Assert.Empty(some[frozen + 1]);
            for (int i = 1; i < all.Length && all.Length > 2; i++)
                Assert.Equal(i == frozen + 1 ? [] : all[i], some[i]);
        }
    }

    /// <summary>Gradients are set to zero where an operation is the first to add, or are overwritten: never added to what memory held.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void WhatMemoryHeldBeforeChangesNothing(string name)
    {
        Workspace workspace = new();
        using (workspace.Open())
            new Tensor(1 << 23).Values.Fill(float.NaN);
        Assert.Equal(Bits(name), BitsIn(workspace, name, gradientsAreThere: false));
        Assert.Equal(Bits(name), BitsIn(workspace, name, gradientsAreThere: true));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatIsRecordedIsTimed(string name)
    {
        OpRow row = OpTable.Rows[name];
        using Profiler profiler = Profiler.Start();
        using Tape tape = Tape.Begin();
        row.Operation(row.Inputs(large: false));

        string[] timed = [.. profiler.Rows.Select(r => r.Op)];
        Assert.All(tape.Nodes, node => Assert.Contains(node.Op, timed));
        Assert.All(profiler.Rows, r => Assert.True(r.Bytes > 0, r.Op));
    }

    /// <summary>The value, then every gradient: empty for a frozen input.</summary>
    internal static float[][] Bits(string name, params ReadOnlySpan<int> frozen) => BitsIn(new Workspace(), name, gradientsAreThere: false, frozen);

    private static float[][] BitsIn(Workspace workspace, string name, bool gradientsAreThere, params ReadOnlySpan<int> frozen)
    {
        OpRow row = OpTable.Rows[name];
        using Workspace.Scope scope = workspace.Open();
        Tensor[] inputs = row.Inputs(large: true, frozen);
        for (int i = 0; gradientsAreThere && i < inputs.Length; i++)
            inputs[i].Grad.Clear();
        using Tape tape = Tape.Begin();
        Tensor y = row.Operation(inputs);
        if (y.NeedsGrad)
        {
            FiniteDifferences.Normal("upstream", false, y.Count).Values.CopyTo(y.Grad);
            tape.Replay();
        }

        return [y.Values.ToArray(), .. inputs.Select(x => x.Grad.ToArray())];
    }
}
