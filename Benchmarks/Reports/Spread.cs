using System.Globalization;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>One figure of several runs.</summary>
/// <param name="Runs">How many had it.</param>
/// <param name="Median">The median; of two in the middle their mean.</param>
/// <param name="Least">The least.</param>
/// <param name="Most">The most.</param>
internal sealed record Spread(int Runs, double Median, double Least, double Most)
{
    /// <summary>The spread of the values that there are, or null when there are none.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.OfType<double>().Order()];
        int last = sorted.Length - 1;
        return last < 0 ? null : new Spread(sorted.Length, (sorted[last / 2] + sorted[(last + 1) / 2]) / 2, sorted[0], sorted[last]);
    }

    /// <summary>The median, with a unit, and least to most where there was more than one run.</summary>
    public string Format(string format, string unit = "", double scale = 1)
    {
        string median = Number(Median) + unit;
        return Runs == 1 ? median : $"{median} ({Number(Least)} to {Number(Most)})";

        string Number(double value) => (scale * value).ToString(format, CultureInfo.InvariantCulture);
    }
}
