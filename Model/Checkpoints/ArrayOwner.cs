using System.Buffers;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>An array as the owner of its memory, where others hand out mapped memory.</summary>
internal sealed class ArrayOwner(byte[] array) : IMemoryOwner<byte>
{
    public Memory<byte> Memory => array;

    public void Dispose()
    {
    }
}
