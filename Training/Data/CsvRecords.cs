using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Examples as comma-separated values (RFC 4180), UTF-8: the first line names the fields, a cell in quotes may have commas, line ends and,
/// doubled, quotes. Every field is a text. Blank lines are passed over.
/// </summary>
internal static class CsvRecords
{
    /// <summary>The examples.</summary>
    /// <param name="path">The file, packed if its name ends in <c>.gz</c>.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line has another number of cells than the first, a quote has no end, or there is no example.</exception>
    public static IEnumerable<DataRecord> Read(string path, string what, CancellationToken cancellation)
    {
        string text = StrictUtf8.Decode(JsonRecords.Bytes(path, what).Span, path, offset: 0);
        List<string>? names = null;
        bool any = false;
        foreach ((int line, List<string> cells) in Rows(text, path))
        {
            cancellation.ThrowIfCancellationRequested();
            if (names is null)
            {
                names = cells;
                continue;
            }

            if (cells.Count != names.Count)
                throw new InvalidDataException($"{path}, line {line}: there are {cells.Count} cells; the first line names {names.Count} fields.");
            any = true;
            JsonObject row = [];
            for (int i = 0; i < cells.Count; i++)
                row[names[i]] = cells[i];
            using var document = JsonDocument.Parse(row.ToJsonString());
            yield return new DataRecord(path, line, document.RootElement);
        }

        if (!any)
            throw new InvalidDataException($"{what} '{path}' has no examples.");
    }

    private static IEnumerable<(int Line, List<string> Cells)> Rows(string text, string path)
    {
        List<string> cells = [];
        int line = 1, first = 1;
        for (int at = 0; at < text.Length;)
        {
            cells.Add(Cell(text, ref at, ref line, first, path));
            bool ends = at == text.Length || text[at] != ',';
            at += at < text.Length && text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            if (!ends && at < text.Length)
                continue;
            if (!ends)
                cells.Add("");   // after a comma that ends the file
            if (cells is not [""])
                yield return (first, cells);
            cells = [];
            first = ++line;
        }
    }

    /// <summary>One cell; what follows it is a comma, a line end or nothing.</summary>
    private static string Cell(string text, ref int at, ref int line, int first, string path)
    {
        int start = at;
        if (text[at] != '"')
        {
            int length = text.AsSpan(at).IndexOfAny(",\r\n");
            at = length < 0 ? text.Length : at + length;
            return text[start..at];
        }

        StringBuilder cell = new();
        for (at++; ; at++)
        {
            if (at == text.Length)
                throw new InvalidDataException($"{path}, line {first}: a quote has no end.");
            if (text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"')
                at++;
            else if (text[at] == '"')
                break;
            line += text[at] == '\n' ? 1 : 0;
            cell.Append(text[at]);
        }

        at++;
        return at == text.Length || text[at] is ',' or '\r' or '\n'
            ? cell.ToString()
            : throw new InvalidDataException($"{path}, line {line}: text follows the quote at the end of a cell.");
    }
}
