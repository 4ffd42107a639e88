using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Makes the names in a folder survive a power cut, as flushing a file does for its content. .NET opens no folders, so on Unix
/// the C library has to; Windows keeps names in a journal of its own, and there it does nothing.
/// </summary>
internal static partial class DirectoryFlush
{
    private const int ReadOnly = 0;

    /// <summary>Returns when the names are on the disk, or at once where the file system cannot flush folders.</summary>
    /// <exception cref="IOException">The disk reports an error.</exception>
    public static void ToDisk(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using SafeFileHandle handle = new(Open(folder, ReadOnly), ownsHandle: true);
        if (handle.IsInvalid)
            throw new IOException($"{folder} cannot be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}");
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
