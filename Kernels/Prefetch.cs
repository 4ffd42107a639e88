using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>Asks for memory that will be needed soon, where the processor knows how; it changes no value.</summary>
internal static class Prefetch
{
    private const int LineFloats = 16;

    /// <summary>The cache line of an element, which may lie beyond the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Line<T>(ReadOnlySpan<T> x, int index)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(x)) + (long)index * Unsafe.SizeOf<T>());
    }

    /// <summary>The cache lines from the first element on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Lines(ReadOnlySpan<float> x)
    {
        if (!Sse.IsSupported)
            return;

        // A hint about an address, which need not be valid any more: nothing has to be pinned.
        void* first = Unsafe.AsPointer(ref MemoryMarshal.GetReference(x));
        for (int at = 0; at < x.Length; at += LineFloats)
            Sse.Prefetch0((float*)first + at);
    }
}
