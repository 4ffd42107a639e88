using System.Text;

namespace SpikeEngine.Training.Data;

/// <summary>White space of one line.</summary>
internal static class LineText
{
    /// <summary>Runs of white space become one blank; none is left at the ends.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        var folded = new StringBuilder(text.Length);
        bool pending = false;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                pending = folded.Length > 0;
                continue;
            }

            if (pending)
                folded.Append(' ');
            pending = false;
            folded.Append(c);
        }

        return folded.ToString();
    }
}
