using System.Text.RegularExpressions;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// WikiText-2: perplexity on pages of Wikipedia. A page begins with a heading of the first level; the model reads it with the blanks of
/// the data set's tokens undone, and words and bytes are those of the page as it is in the file.
/// </summary>
internal static partial class WikiText
{
    public static EvaluationTask Task { get; } = new PerplexityTask
    {
        Name = "wikitext2",
        Description = "WikiText-2: perplexity by word, byte and token",
        MainMetric = PerplexityTask.ByWord,
        Files = new TaskFiles(
            ["wiki.test.raw", "wiki.test.tokens", "wikitext2.txt"], ["wikitext2", "wikitext-2", "wikitext-2-raw"],
            ["test.txt", "wiki.valid.raw", "wiki.valid.tokens", "valid.txt"]),
        Separator = "\n",
        Documents = (path, cancellation) => Pages(string.Concat(AnyText.Read(path, TextSplit.WholeFile, cancellation).Select(text => text.Original))),
    };

    /// <summary>Pages with their headings.</summary>
    internal static IReadOnlyList<TextDocument> Pages(string text)
    {
        List<TextDocument> pages = [];
        List<string> lines = [];
        foreach (string line in text.Split('\n'))
        {
            if (IsTitle(line))
                EndPage();
            lines.Add(line);
        }

        EndPage();
        return pages;

        void EndPage()
        {
            string page = string.Join('\n', lines);
            lines.Clear();
            if (!string.IsNullOrWhiteSpace(page))
                pages.Add(new TextDocument(page, Detokenized(page)));
        }
    }

    /// <summary>The text as somebody would write it, by the substitutions of lm-evaluation-harness, in their order.</summary>
    internal static string Detokenized(string text)
    {
        text = text.Replace("s '", "s'", StringComparison.Ordinal);
        text = text.Replace(" @-@ ", "-", StringComparison.Ordinal).Replace(" @,@ ", ",", StringComparison.Ordinal).Replace(" @.@ ", ".", StringComparison.Ordinal);
        foreach (char mark in ":;.!?,")
            text = text.Replace($" {mark} ", $"{mark} ", StringComparison.Ordinal);
        text = Parentheses().Replace(text, "($1)");
        text = Brackets().Replace(text, "[$1]");
        text = Braces().Replace(text, "{$1}");
        text = Quotes().Replace(text, "\"$1\"");
        text = Apostrophes().Replace(text, "'$1'");
        text = text.Replace("= = = =", "====", StringComparison.Ordinal).Replace("= = =", "===", StringComparison.Ordinal).Replace("= =", "==", StringComparison.Ordinal);
        text = text.Replace(" ° ", "°", StringComparison.Ordinal).Replace(" \n", "\n", StringComparison.Ordinal).Replace("\n ", "\n", StringComparison.Ordinal);
        return text.Replace(" N ", " 1 ", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal);
    }

    private static bool IsTitle(string line)
    {
        string joined = line.Replace("= = =", "===", StringComparison.Ordinal).Replace("= =", "==", StringComparison.Ordinal).Trim();
        return joined.StartsWith("= ", StringComparison.Ordinal) && joined.EndsWith(" =", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\(\s*([^\)]*?)\s*\)", RegexOptions.CultureInvariant)]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"\[\s*([^\]]*?)\s*\]", RegexOptions.CultureInvariant)]
    private static partial Regex Brackets();

    [GeneratedRegex(@"{\s*([^}]*?)\s*}", RegexOptions.CultureInvariant)]
    private static partial Regex Braces();

    [GeneratedRegex(@"""\s*([^""]*?)\s*""", RegexOptions.CultureInvariant)]
    private static partial Regex Quotes();

    [GeneratedRegex(@"'\s*([^']*?)\s*'", RegexOptions.CultureInvariant)]
    private static partial Regex Apostrophes();
}
