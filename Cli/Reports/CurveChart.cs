using OxyPlot;
using OxyPlot.Axes;
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
    /// <summary>More points than this per curve cannot be told apart on a screen.</summary>
    private const int MostPoints = 1_000;

    /// <summary>Draws them.</summary>
    /// <param name="id">A name that no other chart of the page has.</param>
    /// <param name="curves">The curves.</param>
    /// <param name="logarithmic">Whether the values have a logarithmic axis; they are above 0 then.</param>
    public static string Svg(string id, IReadOnlyList<Curve> curves, bool logarithmic)
    {
        Axis values = logarithmic ? new LogarithmicAxis() : new LinearAxis();
        PlotModel plot = SvgPlot.Empty(new LinearAxis { Title = "step" }, values, curves.Any(c => c.Label is not null));
        foreach (Curve curve in curves.OrderByDescending(c => c.Faint))
        {
            OxyColor color = SvgPlot.Color(curve.Color);
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

        return SvgPlot.Export(id, plot);
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
