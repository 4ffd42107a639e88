using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using SpikeEngine.Cli.Reports;

namespace SpikeEngine.Cli.Studies;

/// <summary>A measured value and its standard error, which is not a number where there is none.</summary>
/// <param name="X">Where it stands.</param>
/// <param name="Value">The value.</param>
/// <param name="Error">Its standard error.</param>
internal readonly record struct Dot(double X, double Value, double Error);

/// <summary>Values with their standard errors, over names or over numbers.</summary>
internal static class DotChart
{
    /// <summary>Values beside each other, each with its name below.</summary>
    public static string Named(string id, string title, IReadOnlyList<(string Name, double Value, double Error)> values)
    {
        CategoryAxis names = new() { GapWidth = 1, Angle = values.Count > 5 ? -20 : 0 };
        names.Labels.AddRange(values.Select(v => v.Name));
        PlotModel plot = SvgPlot.Empty(names, new LinearAxis { Title = title, MaximumPadding = 0.1, MinimumPadding = 0.1 }, hasLegend: false);
        plot.Series.Add(Series(null, 0, [.. values.Select((v, i) => new Dot(i, v.Value, v.Error))]));
        return SvgPlot.Export(id, plot);
    }

    /// <summary>Series over a number, joined by lines.</summary>
    public static string Over(string id, string x, string y, IReadOnlyList<(string Name, IReadOnlyList<Dot> Dots)> series)
    {
        PlotModel plot = SvgPlot.Empty(new LinearAxis { Title = x }, new LinearAxis { Title = y, MaximumPadding = 0.1 }, hasLegend: true);
        for (int i = 0; i < series.Count; i++)
        {
            LineSeries line = new() { Color = OxyColor.FromAColor(120, SvgPlot.Color(i)), StrokeThickness = 1.2, RenderInLegend = false };
            line.Points.AddRange(series[i].Dots.Select(d => new DataPoint(d.X, d.Value)));
            plot.Series.Add(line);
            plot.Series.Add(Series(series[i].Name, i, series[i].Dots));
        }

        return SvgPlot.Export(id, plot);
    }

    private static ScatterErrorSeries Series(string? name, int color, IReadOnlyList<Dot> dots)
    {
        ScatterErrorSeries series = new()
        {
            Title = name,
            RenderInLegend = name is not null,
            MarkerType = MarkerType.Circle,
            MarkerSize = 3.5,
            MarkerFill = SvgPlot.Color(color),
            ErrorBarColor = SvgPlot.Color(color),
            ErrorBarStrokeThickness = 1.2,
        };
        series.Points.AddRange(dots.Select(d => new ScatterErrorPoint(d.X, d.Value, 0, double.IsFinite(d.Error) ? 2 * d.Error : 0)));
        return series;
    }
}
