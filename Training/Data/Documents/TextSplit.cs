using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>
/// Where a text file parts into documents. Line ends at the borders of a document are left out, except in <see cref="WholeFile"/>;
/// documents of nothing but white space are none.
/// </summary>
public sealed record TextSplit
{
    private const string SeparatorPrefix = "separator:";

    private TextSplit(string name, string separator) => (Name, Separator) = (name, separator);

    /// <summary>At each <c>&lt;|endoftext|&gt;</c>, which is not part of the text, as in TinyStories' files; a file without one is one document.</summary>
    public static TextSplit AtEndOfText { get; } = At(Tokenizer.EndOfText);

    /// <summary>Not at all: each file is a document, to the last byte.</summary>
    public static TextSplit WholeFile { get; } = new("file", "");

    /// <summary>Each line is a document.</summary>
    public static TextSplit Lines { get; } = new("lines", "\n");

    /// <summary>At lines that are empty or white space.</summary>
    public static TextSplit BlankLines { get; } = new("blank-lines", "\n");

    /// <summary>As <see cref="Parse"/> reads it: <c>file</c>, <c>lines</c>, <c>blank-lines</c> or <c>separator:TEXT</c>.</summary>
    public string Name { get; }

    /// <summary>What ends a stretch of text; empty when nothing does.</summary>
    internal string Separator { get; }

    /// <summary>At each <paramref name="separator"/>, which is not part of the text.</summary>
    /// <param name="separator">Any text, such as <c>&lt;|endoftext|&gt;</c>.</param>
    public static TextSplit At(string separator)
    {
        ArgumentException.ThrowIfNullOrEmpty(separator);
        return new TextSplit(SeparatorPrefix + separator, separator);
    }

    /// <summary>The split of a name.</summary>
    /// <param name="name"><c>file</c>, <c>lines</c>, <c>blank-lines</c> or <c>separator:TEXT</c>.</param>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public static TextSplit Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (TextSplit split in (ReadOnlySpan<TextSplit>)[WholeFile, Lines, BlankLines])
        {
            if (split.Name == name)
                return split;
        }

        return name.StartsWith(SeparatorPrefix, StringComparison.Ordinal) && name.Length > SeparatorPrefix.Length
            ? At(name[SeparatorPrefix.Length..])
            : throw new ArgumentException(
                $"'{name}' is no way to part text; there are '{WholeFile}', '{Lines}', '{BlankLines}' and '{SeparatorPrefix}TEXT', such as '{AtEndOfText}'.",
                nameof(name));
    }

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;
}
