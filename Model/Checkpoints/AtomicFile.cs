namespace SpikeEngine.Model.Checkpoints;

/// <summary>Writes a file whole or not at all: a reader sees the old content or the new, never half of either.</summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Fills a temporary file beside <paramref name="path"/>, flushes it to disk and renames it over the target.
    /// When <paramref name="write"/> throws, the temporary file is removed and the old file stays as it was.
    /// </summary>
    /// <param name="path">The file to create or replace. Its folder must exist.</param>
    /// <param name="write">Writes the content. It need not flush or dispose the stream.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        // Same folder, because a rename is atomic only within one file system.
        string target = Path.GetFullPath(path);
        string temporary = $"{target}.{TemporaryName.Suffix()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(stream);
                // Without this a power cut after the rename may leave a file with the new name and no content.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    /// <summary>A failed clean-up must not hide the error that made it necessary.</summary>
    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
