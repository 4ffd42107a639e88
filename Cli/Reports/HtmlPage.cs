using System.Globalization;
using System.Net;
using System.Text;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Reports;

/// <summary>One page of HTML that needs nothing else: no scripts, no fonts, no network.</summary>
internal sealed class HtmlPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
        h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 2em }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1.2em }
        figure { margin: 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto }
        table { border-collapse: collapse } td, th { padding: .15em .8em; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
        td { font-variant-numeric: tabular-nums } tr.differs { background: #fff6d6 } .problems { color: #a40000 }
        """;

    private readonly StringBuilder _html = new();

    /// <summary>A page with a title.</summary>
    public HtmlPage(string title)
    {
        _html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
        _html.Append("<title>").Append(Encode(title)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n");
        _html.Append("<h1>").Append(Encode(title)).Append("</h1>\n");
    }

    /// <summary>A heading.</summary>
    public void Heading(string text) => _html.Append("<h2>").Append(Encode(text)).Append("</h2>\n");

    /// <summary>A paragraph.</summary>
    public void Paragraph(string text) => _html.Append("<p>").Append(Encode(text)).Append("</p>\n");

    /// <summary>What is wrong, if anything is.</summary>
    public void Problems(IReadOnlyList<string> problems)
    {
        if (problems.Count == 0)
            return;
        _html.Append("<ul class=\"problems\">\n");
        foreach (string problem in problems)
            _html.Append("<li>").Append(Encode(problem)).Append("</li>\n");
        _html.Append("</ul>\n");
    }

    /// <summary>A table.</summary>
    /// <param name="columns">Heads of the columns after the first.</param>
    /// <param name="rows">Name and cells.</param>
    /// <param name="marksDifferences">Whether rows whose cells differ are marked.</param>
    /// <param name="first">Head of the first column.</param>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<(string Name, string[] Cells)> rows, bool marksDifferences = false, string first = "")
    {
        _html.Append("<table>\n<tr><th>").Append(Encode(first)).Append("</th>");
        foreach (string column in columns)
            _html.Append("<th>").Append(Encode(column)).Append("</th>");
        _html.Append("</tr>\n");
        foreach ((string name, string[] cells) in rows)
        {
            _html.Append(marksDifferences && cells.Distinct().Count() > 1 ? "<tr class=\"differs\"><td>" : "<tr><td>").Append(Encode(name)).Append("</td>");
            foreach (string cell in cells)
                _html.Append("<td>").Append(Encode(cell)).Append("</td>");
            _html.Append("</tr>\n");
        }

        _html.Append("</table>\n");
    }

    /// <summary>Charts side by side.</summary>
    /// <param name="charts">Titles and SVG elements.</param>
    public void Charts(IEnumerable<(string Title, string Svg)> charts)
    {
        _html.Append("<div class=\"charts\">\n");
        foreach ((string name, string svg) in charts)
            _html.Append("<figure><figcaption>").Append(Encode(name)).Append("</figcaption>").Append(svg).Append("</figure>\n");
        _html.Append("</div>\n");
    }

    /// <summary>The page with its end, which says what wrote it.</summary>
    public string End()
    {
        MachineDescription machine = MachineDescription.Current();
        _html.Append(CultureInfo.InvariantCulture, $"<p>Written by spike on {Encode(machine.Cpu)}, {Encode(machine.Dotnet)}.</p>\n</body>\n</html>\n");
        return _html.ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
