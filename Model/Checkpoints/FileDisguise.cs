using System.Buffers;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Two downloads gone wrong are common enough to be named.</summary>
internal static class FileDisguise
{
    /// <summary>The end of a message: what the file seems to be instead, or nothing.</summary>
    public static string Of(FileMapping file)
    {
        using IMemoryOwner<byte> slice = file.Slice(0, (int)Math.Min(file.Length, 8));
        ReadOnlySpan<byte> start = slice.Memory.Span;
        if (start.SequenceEqual("version "u8))
            return "; this is a git LFS pointer, fetch the real file with 'git lfs pull'";
        return start.StartsWith("<"u8) ? "; this is a web page, not the file it was meant to be" : "";
    }
}
