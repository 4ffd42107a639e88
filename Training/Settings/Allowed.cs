namespace SpikeEngine.Training.Settings;

/// <summary>A range of numbers, and its words for a message.</summary>
/// <param name="Holds">Whether a finite number belongs to it.</param>
/// <param name="Words">As in "must be ...".</param>
internal sealed record Allowed(Func<double, bool> Holds, string Words)
{
    public static readonly Allowed Positive = new(x => x > 0, "a number above 0");
    public static readonly Allowed NotNegative = new(x => x >= 0, "a number from 0 on");
    public static readonly Allowed Share = new(x => x is >= 0 and <= 1, "a number from 0 to 1");
    public static readonly Allowed Below1 = new(x => x is >= 0 and < 1, "a number from 0 to below 1");
    public static readonly Allowed Between0And1 = new(x => x is > 0 and < 1, "a number between 0 and 1");
}
