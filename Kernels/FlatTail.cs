using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>Where SiLU and GELU are flat on the left and straight on the right; infinity times 0 would be NaN out there.</summary>
internal static class FlatTail
{
    public const float Lowest = -87f;   // e^87 is a float

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Clamp<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Splat(Lowest), L.Min(L.Splat(-Lowest), x));
}
