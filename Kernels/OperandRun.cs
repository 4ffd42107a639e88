namespace SpikeEngine.Kernels;

/// <summary>How an operand goes along a run: known to the compiler, so that every form has a loop of its own.</summary>
internal interface IOperandRun
{
    /// <summary>Whether it has one element for each of the run, or one for all.</summary>
    static abstract bool IsVarying { get; }

    /// <summary>The elements from <paramref name="i"/> of the run on.</summary>
    static abstract L At<L>(ReadOnlySpan<float> run, int i)
        where L : struct, ILanes<L>;
}

/// <summary>One element after the other.</summary>
internal readonly struct Varying : IOperandRun
{
    public static bool IsVarying => true;

    public static L At<L>(ReadOnlySpan<float> run, int i)
        where L : struct, ILanes<L> => L.Load(run, i);
}

/// <summary>The same element all along.</summary>
internal readonly struct Repeated : IOperandRun
{
    public static bool IsVarying => false;

    public static L At<L>(ReadOnlySpan<float> run, int i)
        where L : struct, ILanes<L> => L.Splat(run[0]);
}
