using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace SpikeEngine.Cli.Reports;

/// <summary>The look that all charts share, and how they become elements of a page.</summary>
internal static class SvgPlot
{
    private const int Width = 640;
    private const int Height = 300;

    // Okabe and Ito's colours, which the colour-blind can tell apart.
    private static readonly OxyColor[] s_colors =
    [
        OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 158, 115), OxyColor.FromRgb(204, 121, 167),
        OxyColor.FromRgb(230, 159, 0), OxyColor.FromRgb(86, 180, 233), OxyColor.FromRgb(0, 0, 0),
    ];

    /// <summary>One of the colours.</summary>
    public static OxyColor Color(int index) => s_colors[index % s_colors.Length];

    /// <summary>A chart without series.</summary>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="hasLegend">Whether the series are named.</param>
    public static PlotModel Empty(Axis x, Axis y, bool hasLegend)
    {
        PlotModel plot = new() { Culture = CultureInfo.InvariantCulture, DefaultFont = "sans-serif", PlotAreaBorderColor = OxyColors.Gray };
        (x.Position, y.Position) = (AxisPosition.Bottom, AxisPosition.Left);
        foreach (Axis axis in (Axis[])[x, y])
        {
            axis.MajorGridlineStyle = LineStyle.Solid;
            axis.MajorGridlineColor = OxyColor.FromRgb(235, 235, 235);
            plot.Axes.Add(axis);
        }

        if (hasLegend)
            plot.Legends.Add(new Legend { LegendPosition = LegendPosition.TopRight, LegendBackground = OxyColor.FromAColor(200, OxyColors.White) });
        return plot;
    }

    /// <summary>The chart as an SVG element that can stand in a page.</summary>
    /// <param name="id">A name that no other chart of the page has.</param>
    /// <param name="plot">The chart.</param>
    public static string Export(string id, PlotModel plot)
    {
        // Not a document: an XML prolog has no place within HTML.
        string svg = new SvgExporter { Width = Width, Height = Height, IsDocument = false }.ExportToString(plot);
        // Names are those of a whole page, and what is to grow with it needs a box and no size.
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..]
            .Replace(string.Create(CultureInfo.InvariantCulture, $"<svg width=\"{Width}\" height=\"{Height}\""), string.Create(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\""), StringComparison.Ordinal)
            .Replace("\"clipPath", $"\"{id}-", StringComparison.Ordinal)
            .Replace("#clipPath", $"#{id}-", StringComparison.Ordinal);
    }
}
