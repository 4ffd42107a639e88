using Spectre.Console;
using Spectre.Console.Rendering;

namespace SpikeEngine.Cli;

/// <summary>What a task does or gave, in the columns that spinner and bar leave; a long result takes a second line.</summary>
internal sealed class DescriptionColumn(int barWidth) : ProgressColumn
{
    // The spinner, and the space between the columns.
    private const int Others = 6;
    private const int LeastWidth = 20;

    protected override bool NoWrap => false;

    public override int? GetColumnWidth(RenderOptions options) => Math.Max(LeastWidth, options.ConsoleSize.Width - barWidth - Others);

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.Description);
}
