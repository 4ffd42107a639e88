using System.Reflection;

namespace SpikeEngine.Tests.Readme;

/// <summary>README.md shows code that compiles and runs.</summary>
public class ReadmeTests
{
    [Fact]
    public void Every_line_of_the_snippets_is_compiled_here_in_the_same_order()
    {
        string[] compiled = [.. Resource("ReadmeSnippets.cs").Select(line => line.Trim())];
        int at = 0, checkedLines = 0;
        foreach (string line in CodeLines(Resource("README.md")))
        {
            if (line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('='))
                continue;
            int found = Array.IndexOf(compiled, line, at);
            Assert.True(found >= 0, $"README.md shows \"{line}\", which ReadmeSnippets.cs does not have there.");
            at = found + 1;
            checkedLines++;
        }

        Assert.True(checkedLines > 15, $"Only {checkedLines} lines of C# were found in README.md.");
    }

    [Fact]
    public void The_network_learns()
    {
        Tensor answers = ReadmeSnippets.Learn();
        for (int row = 0; row < 4; row++)
        {
            int right = row is 1 or 2 ? 1 : 0;
            Assert.InRange(answers.Values[2 * row + right], 0.95f, 1f);
        }
    }

    private static IEnumerable<string> CodeLines(IEnumerable<string> markdown)
    {
        bool inside = false;
        foreach (string line in markdown)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                inside = line == "```csharp";
            else if (inside && line.Trim().Length > 0)
                yield return line.Trim();
        }
    }

    private static string[] Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    }
}
