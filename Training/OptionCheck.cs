namespace SpikeEngine.Training;

/// <summary>The one way in which options refuse a value.</summary>
internal static class OptionCheck
{
    /// <exception cref="ArgumentException">It does not hold; the message names the field, its value and what is allowed.</exception>
    public static void Require(bool holds, string name, object? value, string what)
    {
        if (!holds)
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; it must be {what}."));
    }
}
