namespace SpikeEngine.Training.Data;

/// <summary>
/// The English API documentation that every .NET SDK carries: some megabytes of regular prose that need no download.
/// </summary>
public static class SdkDocumentation
{
    /// <summary>The lines of the documentation: one for each summary, parameter, remark and so on, none of them twice.</summary>
    /// <remarks>References are shown by their last name; code blocks and machine instructions are left out. The order is
    /// that of the file names, so the same SDK gives the same lines.</remarks>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">No SDK with documentation was found; the message says where it was looked for.</exception>
    public static IReadOnlyList<string> ReadLines(CancellationToken cancellation = default) =>
        ReadLines(DocumentationFiles.Roots(), cancellation);

    /// <summary>From the first of the .NET installations that has any documentation.</summary>
    internal static IReadOnlyList<string> ReadLines(IReadOnlyList<string> roots, CancellationToken cancellation = default)
    {
        List<string> files = roots.Select(DocumentationFiles.Newest).FirstOrDefault(found => found.Count > 0)
            ?? throw new FileNotFoundException("No API documentation of a .NET SDK was found (packs/*/*/ref/*/*.xml). Looked in: "
                + (roots.Count > 0 ? string.Join(", ", roots) : "nowhere, for no .NET installation was found")
                + ". Install the SDK, set DOTNET_ROOT, or give your own text with --text FILE.");

        // The same sentence stands at thousands of overloads: kept where it is first met.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lines = new List<string>();
        foreach (string file in files)
        {
            DocumentationText.Read(file, line =>
            {
                cancellation.ThrowIfCancellationRequested();
                if (seen.Add(line))
                    lines.Add(line);
            });
        }

        return lines;
    }
}
