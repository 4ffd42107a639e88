using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Sixteen floats, transposed in four 128-bit registers, which every processor has: packing is bound by memory, so wider ones
/// would bring nothing.
/// </summary>
internal static class Block4x4
{
    /// <summary>Rows and columns of a block.</summary>
    internal const int Size = 4;

    /// <summary>to[j, i] = from[i, j]</summary>
    /// <param name="from">First element of the block.</param>
    /// <param name="fromStride">Distance between rows of the source.</param>
    /// <param name="to">First element of the transpose.</param>
    /// <param name="toStride">Distance between rows of the target.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Transpose(ReadOnlySpan<float> from, int fromStride, Span<float> to, int toStride)
    {
        Debug.Assert(from.Length >= (Size - 1) * fromStride + Size && to.Length >= (Size - 1) * toStride + Size, "the block is not there");
        ref float source = ref MemoryMarshal.GetReference(from), target = ref MemoryMarshal.GetReference(to);
        var block = Matrix4x4.Transpose(Matrix4x4.Create(
            Row(ref source), Row(ref Unsafe.Add(ref source, fromStride)),
            Row(ref Unsafe.Add(ref source, 2 * fromStride)), Row(ref Unsafe.Add(ref source, 3 * fromStride))));
        Row(ref target) = block.X;
        Row(ref Unsafe.Add(ref target, toStride)) = block.Y;
        Row(ref Unsafe.Add(ref target, 2 * toStride)) = block.Z;
        Row(ref Unsafe.Add(ref target, 3 * toStride)) = block.W;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector4 Row(ref float first) => ref Unsafe.As<float, Vector4>(ref first);
}
