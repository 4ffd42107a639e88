using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace SpikeEngine.Cli.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Label">In the legend; null for none.</param>
/// <param name="Color">Which of the colours.</param>
/// <param name="Faint">Drawn behind the others, thin.</param>
/// <param name="Points">Where it goes; points that are no numbers are gaps.</param>
internal sealed record Curve(string? Label, int Color, bool Faint, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Curves over the steps as an SVG element that can stand in a page.</summary>
internal static class CurveChart
{
    private const int Width = 640;
    private const int Height = 300;

    /// <summary>More points than this per curve cannot be told apart on a screen.</summary>
    private const int MostPoints = 1_000;

    // Okabe and Ito's colours, which the colour-blind can tell apart.
    private static readonly OxyColor[] s_colors =
    [
        OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 158, 115), OxyColor.FromRgb(204, 121, 167),
        OxyColor.FromRgb(230, 159, 0), OxyColor.FromRgb(86, 180, 233), OxyColor.FromRgb(0, 0, 0),
    ];

    /// <summary>Draws them.</summary>
    /// <param name="curves">The curves.</param>
    /// <param name="logarithmic">Whether the values have a logarithmic axis; they are above 0 then.</param>
    public static string Svg(IReadOnlyList<Curve> curves, bool logarithmic)
    {
        PlotModel plot = new() { Culture = CultureInfo.InvariantCulture, DefaultFont = "sans-serif", PlotAreaBorderColor = OxyColors.Gray };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColor.FromRgb(235, 235, 235) });
        Axis values = logarithmic ? new LogarithmicAxis() : new LinearAxis();
        values.Position = AxisPosition.Left;
        values.MajorGridlineStyle = LineStyle.Solid;
        values.MajorGridlineColor = OxyColor.FromRgb(235, 235, 235);
        plot.Axes.Add(values);
        if (curves.Any(c => c.Label is not null))
            plot.Legends.Add(new Legend { LegendPosition = LegendPosition.TopRight, LegendBackground = OxyColor.FromAColor(200, OxyColors.White) });

        foreach (Curve curve in curves.OrderByDescending(c => c.Faint))
        {
            OxyColor color = s_colors[curve.Color % s_colors.Length];
            LineSeries series = new()
            {
                Title = curve.Label,
                RenderInLegend = curve.Label is not null,
                Color = curve.Faint ? OxyColor.FromAColor(90, color) : color,
                StrokeThickness = curve.Faint ? 1 : 1.8,
                MarkerType = curve.Points.Count <= 50 && !curve.Faint ? MarkerType.Circle : MarkerType.None,
                MarkerSize = 2.5,
                MarkerFill = color,
            };
            series.Points.AddRange(Thin(curve.Points).Select(p => new DataPoint(p.X, p.Y)));
            plot.Series.Add(series);
        }

        // Not a document: an XML prolog has no place within HTML.
        string svg = new SvgExporter { Width = Width, Height = Height, IsDocument = false }.ExportToString(plot);
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
    }

    /// <summary>Of each stretch of the curve its lowest and its highest point: a spike stays visible.</summary>
    internal static IEnumerable<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints)
            return points;
        int stretch = (points.Count + MostPoints / 2 - 1) / (MostPoints / 2);
        return points.Chunk(stretch).SelectMany(IEnumerable<(double X, double Y)> ((double X, double Y)[] part) =>
        {
            (double X, double Y)[] numbers = [.. part.Where(p => double.IsFinite(p.Y))];
            return numbers.Length == 0
                ? [part[0]]
                : new[] { numbers.MinBy(p => p.Y), numbers.MaxBy(p => p.Y) }.Distinct().OrderBy(p => p.X);
        });
    }
}
