using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine;

/// <summary>The values of a dense tensor of the runtime as memory, which keeps that tensor alive.</summary>
internal sealed class DenseTensorMemory(Tensor<float> source) : MemoryManager<float>
{
    /// <inheritdoc/>
    public override Span<float> GetSpan() => MemoryMarshal.CreateSpan(ref First, checked((int)source.FlattenedLength));

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        // Pinned first: from here on the address does not move.
        MemoryHandle handle = source.GetPinnedHandle();
        return new MemoryHandle((float*)Unsafe.AsPointer(ref First) + elementIndex, pinnable: new Pinned(handle));
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Every handle unpins by itself.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The source belongs to the caller.
    }

    // Of a slice, the tensor's own reference and handle point to the start of the whole; the span's do not.
    private ref float First => ref source.AsTensorSpan().GetPinnableReference();

    private sealed class Pinned(MemoryHandle handle) : IPinnable
    {
        private MemoryHandle _handle = handle;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin() => _handle.Dispose();
    }
}
