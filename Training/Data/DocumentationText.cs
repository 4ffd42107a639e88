using System.Text;
using System.Xml;

namespace SpikeEngine.Training.Data;

/// <summary>Reads the prose of one XML documentation file: one line for each summary, parameter, return value, remark and so on.</summary>
internal static class DocumentationText
{
    private static readonly XmlReaderSettings s_settings = new()
    {
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        DtdProcessing = DtdProcessing.Prohibit,
    };

    /// <exception cref="InvalidDataException">The file is not well-formed XML.</exception>
    public static void Read(string path, Action<string> addLine)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(path, s_settings);
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.Name == "member" && !reader.IsEmptyElement)
                    ReadMember(reader, addLine);
            }
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"Documentation file '{path}' is not well-formed XML: {e.Message}", e);
        }
    }

    /// <summary>Every element right under a member is a line.</summary>
    private static void ReadMember(XmlReader reader, Action<string> addLine)
    {
        int depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element || reader.IsEmptyElement)
                continue;
            string line = ReadElement(reader);

            // A single word ("Object.") says nothing in isolation.
            if (line.Contains(' '))
                addLine(line);
        }
    }

    /// <summary>The paragraphs of an element that are prose, joined.</summary>
    private static string ReadElement(XmlReader reader)
    {
        int depth = reader.Depth;
        var line = new StringBuilder();
        var paragraph = new StringBuilder();
        while (reader.Read() && reader.Depth > depth)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    paragraph.Append(reader.Value);
                    break;
                case XmlNodeType.Element:
                    BeginElement(reader, line, paragraph);
                    break;
                case XmlNodeType.EndElement when IsParagraph(reader.Name):
                    EndParagraph(line, paragraph);
                    break;
            }
        }

        EndParagraph(line, paragraph);
        return line.ToString();
    }

    private static void BeginElement(XmlReader reader, StringBuilder line, StringBuilder paragraph)
    {
        if (IsParagraph(reader.Name))
            EndParagraph(line, paragraph);
        else if (reader.Name == "code")
            paragraph.Append(InlineCode(reader));
        else if (reader.IsEmptyElement)
            paragraph.Append(Reference(reader));
    }

    private static bool IsParagraph(string element) =>
        element is "para" or "p" or "br" or "list" or "item" or "term" or "description" or "listheader" or "li" or "example" or "note";

    private static void EndParagraph(StringBuilder line, StringBuilder paragraph)
    {
        string text = LineText.Fold(paragraph.ToString());
        paragraph.Clear();
        if (text.Length == 0 || NativeSignature.IsMatch(text))
            return;
        if (line.Length > 0)
            line.Append(' ');
        line.Append(text);
    }

    /// <summary>Code of one line is a word or two inside a sentence; a block of it is not prose.</summary>
    private static string InlineCode(XmlReader reader)
    {
        if (reader.IsEmptyElement)
            return "";
        int depth = reader.Depth;
        var code = new StringBuilder();
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Element && reader.IsEmptyElement)
                code.Append(Reference(reader));
            else if (reader.HasValue)
                code.Append(reader.Value);
        }

        return code.ToString().AsSpan().ContainsAny('\r', '\n') ? " " : code.ToString();
    }

    /// <summary>What an element without text stands for, such as <c>see</c>, <c>paramref</c> or <c>xref</c>.</summary>
    private static string Reference(XmlReader reader)
    {
        if ((reader["cref"] ?? reader["uid"]) is { } cref)
            return CrefName.Of(cref);
        return reader["langword"] ?? reader["name"] ?? reader["langref"] ?? reader["href"] ?? "";
    }
}
