namespace SpikeEngine.Training.Quickstart;

/// <summary>Finds out before the work whether its result can be written: five minutes must not end in "permission denied".</summary>
public static class WritableFolder
{
    /// <summary>Makes and removes a folder in <paramref name="folder"/> or, as long as that does not exist, in the nearest one above it.</summary>
    /// <param name="folder">The folder to write to.</param>
    /// <param name="what">What the message calls it, such as <c>Output folder 'results'</c>.</param>
    /// <exception cref="IOException">It cannot be made or written.</exception>
    public static void Require(string folder, string what)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string parent = Path.GetFullPath(folder);
        while (!Directory.Exists(parent))
        {
            if (File.Exists(parent))
                throw new IOException($"{what} cannot be written: '{parent}' is a file.");
            parent = Path.GetDirectoryName(parent) ?? throw new IOException($"{what} cannot be written: no folder above it exists.");
        }

        string probe = Path.Combine(parent, $".spike-probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{what} cannot be written: {error.Message.Replace(probe, parent, StringComparison.Ordinal)}", error);
        }
    }
}
