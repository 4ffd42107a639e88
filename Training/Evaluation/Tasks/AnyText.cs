using System.Text;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>Perplexity on any text: documents of JSON lines, or of plain text parted where a line says that one ends.</summary>
internal static class AnyText
{
    /// <summary>The task of a file.</summary>
    /// <param name="name">As it was asked for.</param>
    public static EvaluationTask Of(string name) => new PerplexityTask
    {
        Name = name,
        Description = "any text: perplexity by word, byte and token, bits per byte and per character",
        MainMetric = PerplexityTask.BitsPerByte,
        Files = TaskFiles.None,
        Separator = Tokenizer.EndOfText,
        Documents = (path, cancellation) => Read(path, TextSplit.AtEndOfText, cancellation),
    };

    /// <summary>Documents as they are.</summary>
    /// <exception cref="InvalidDataException">The file has no text.</exception>
    public static IReadOnlyList<TextDocument> Read(string path, TextSplit split, CancellationToken cancellation)
    {
        JsonLinesFormat lines = new();
        IDocumentFormat format = lines.Extensions.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) ? lines : new TextFormat();
        List<StringBuilder> texts = [];
        foreach (DocumentPart part in format.Read(path, new DocumentOptions { Split = split }, bytes: null))
        {
            cancellation.ThrowIfCancellationRequested();
            if (part.Begins || texts.Count == 0)
                texts.Add(new StringBuilder());
            texts[^1].Append(part.Text);
        }

        return texts.Count > 0
            ? [.. texts.Select(text => text.ToString()).Select(text => new TextDocument(text, text))]
            : throw new InvalidDataException($"Text file '{path}' has no text.");
    }
}
