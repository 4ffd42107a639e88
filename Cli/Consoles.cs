using Spectre.Console;

namespace SpikeEngine.Cli;

/// <summary>Consoles and tables in one style, plain where the output is not a terminal.</summary>
internal static class Consoles
{
    private const int RedirectedWidth = 200;

    public static IAnsiConsole For(TextWriter output)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = RedirectedWidth;
        return console;
    }

    /// <summary>A table whose first column is text and whose others are numbers.</summary>
    public static Table Table(params string[] columns)
    {
        Table table = new() { Border = TableBorder.Rounded };
        for (int i = 0; i < columns.Length; i++)
        {
            TableColumn column = new TableColumn(new Text(columns[i])).NoWrap();
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        return table;
    }
}
