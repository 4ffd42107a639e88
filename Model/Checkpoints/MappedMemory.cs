using System.Buffers;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Part of a mapped file as <see cref="Memory{T}"/>, which keeps the file mapped for as long as it is referenced. Writing to
/// it would end the process, which is why it is handed out as read-only memory alone.
/// </summary>
internal sealed unsafe class MappedMemory(MappingLease lease, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(lease.Start + offset, length);

    /// <summary>A mapping does not move.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => new(lease.Start + offset + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => lease.Dispose();
}
