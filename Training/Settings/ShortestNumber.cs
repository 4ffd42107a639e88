using System.Globalization;

namespace SpikeEngine.Training.Settings;

/// <summary>Single-precision numbers in files: 0.001, and not 0.0010000000474974513, which is the same number.</summary>
internal static class ShortestNumber
{
    /// <summary>A double with the fewest digits that still rounds to the same single-precision number; a number that is none stays as it is.</summary>
    public static double Of(double value) => double.IsFinite(value) && (float)value == value
        ? double.Parse(((float)value).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : value;
}
