using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli;

/// <summary>A folder that a model is written to: it is replaced as a whole, which must not cost anything that cannot be had again.</summary>
internal static class ModelTarget
{
    /// <summary>Of the files that an older model may consist of.</summary>
    private static readonly string[] s_endings = [".json", ".safetensors", ".bin"];

    /// <summary>Refuses a folder that holds anything, for what is not worth replacing a model with.</summary>
    /// <exception cref="IOException">It does.</exception>
    public static void RequireEmpty(string target)
    {
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new IOException($"--out {target} is not empty; random weights replace nothing. Choose another folder.");
    }

    /// <summary>Refuses a folder that holds something else, or the model that is read.</summary>
    /// <param name="target">The folder.</param>
    /// <param name="source">Folder of the model that is read.</param>
    /// <exception cref="ArgumentException">It holds that model.</exception>
    /// <exception cref="IOException">It holds something else.</exception>
    public static void RequireReplaceable(string target, string source)
    {
        string from = Resolve(source), to = Resolve(target);
        if (from == to)
            throw new ArgumentException($"--out {target} is the model itself; write it to another folder.");
        if (from.StartsWith(to.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new ArgumentException($"--out {target} holds the model; write it to another folder.");
        if (!Directory.Exists(target))
            return;
        string[] entries = [.. Directory.EnumerateFileSystemEntries(target)];
        if (entries.Length > 0 && !entries.Any(entry => Path.GetFileName(entry) == ModelFolder.ConfigFile))
            throw new IOException($"--out {target} has files and no {ModelFolder.ConfigFile}: this is no model folder, and is not replaced.");
        if (entries.FirstOrDefault(entry => Directory.Exists(entry) || !s_endings.Contains(Path.GetExtension(entry))) is { } other)
            throw new IOException($"--out {target} would be replaced, but holds '{Path.GetFileName(other)}', which is not of a model. Move it, or choose another folder.");
    }

    /// <summary>Where a folder really is, whichever part of its path is a link.</summary>
    private static string Resolve(string folder)
    {
        string full = Path.GetFullPath(folder), at = Path.GetPathRoot(full)!;
        foreach (string part in full[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, part);
            if (new DirectoryInfo(at) is { Exists: true } info && info.ResolveLinkTarget(returnFinalTarget: true) is { } link)
                at = Resolve(link.FullName);
        }

        return at;
    }
}
