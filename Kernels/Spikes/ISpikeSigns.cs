namespace SpikeEngine.Kernels;

/// <summary>What four active inputs do to a sum, by how many of them spike upwards: additions and subtractions alone.</summary>
internal interface ISpikeSigns
{
    static abstract L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L>;
}

internal readonly struct NoneUp : ISpikeSigns
{
    public static L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L> => sum - ((a + b) + (c + d));
}

internal readonly struct OneUp : ISpikeSigns
{
    public static L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L> => sum + ((a - b) - (c + d));
}

internal readonly struct TwoUp : ISpikeSigns
{
    public static L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L> => sum + ((a + b) - (c + d));
}

internal readonly struct ThreeUp : ISpikeSigns
{
    public static L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L> => sum + ((a + b) + (c - d));
}

internal readonly struct AllUp : ISpikeSigns
{
    public static L Add<L>(L sum, L a, L b, L c, L d)
        where L : struct, ILanes<L> => sum + ((a + b) + (c + d));
}
