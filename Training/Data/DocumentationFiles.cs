using System.Globalization;
using System.Runtime.InteropServices;

namespace SpikeEngine.Training.Data;

/// <summary>Finds the documentation files in the targeting packs of the .NET SDK: <c>packs/PACK/VERSION/ref/TFM/NAME.xml</c>.</summary>
internal static class DocumentationFiles
{
    /// <summary>Where a .NET installation may be, most explicit first.</summary>
    public static List<string> Roots()
    {
        var roots = new List<string>();
        Add(Environment.GetEnvironmentVariable("DOTNET_ROOT"));
        Add(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));   // shared/NAME/VERSION
        Add(FolderOfDotnetOnPath());
        return roots;

        void Add(string? folder)
        {
            if (string.IsNullOrEmpty(folder))
                return;
            folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            if (!roots.Contains(folder))
                roots.Add(folder);
        }
    }

    /// <summary>The newest file of each name under <paramref name="root"/>, sorted by name; none when there are no packs.</summary>
    public static List<string> Newest(string root)
    {
        var packs = new DirectoryInfo(Path.Combine(root, "packs"));
        if (!packs.Exists)
            return [];

        // Translations lie one folder deeper, so only the files beside the assemblies are taken: the English ones.
        IEnumerable<FileInfo> files =
            from pack in packs.EnumerateDirectories()
            from version in pack.EnumerateDirectories()
            let references = new DirectoryInfo(Path.Combine(version.FullName, "ref"))
            where references.Exists
            from framework in references.EnumerateDirectories()
            from file in framework.EnumerateFiles("*.xml")
            select file;

        // Packs share files; between equals the path decides, so that the choice does not hang on the file system's order.
        return
        [
            .. files.GroupBy(f => f.Name, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => g.OrderByDescending(PackVersion).ThenByDescending(FrameworkVersion)
                    .ThenBy(f => f.FullName, StringComparer.Ordinal).First().FullName),
        ];
    }

    private static (Version Number, bool Release, string Name) PackVersion(FileInfo file)
    {
        string name = file.Directory!.Parent!.Parent!.Name;
        string number = name.Split('-')[0];
        return (Version.TryParse(number, out Version? version) ? version : new Version(), number == name, name);
    }

    /// <summary>From <c>net10.0</c> or <c>netstandard2.1</c>, which is older than any of the former.</summary>
    private static (bool Net, double Number) FrameworkVersion(FileInfo file)
    {
        string name = file.Directory!.Name;
        string family = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        double.TryParse(name.AsSpan(family.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        return (family == "net", number);
    }

    private static string? FolderOfDotnetOnPath()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string? dotnet = folders.Where(f => f.Length > 0).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        return dotnet is null
            ? null
            : Path.GetDirectoryName(File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet);
    }
}
