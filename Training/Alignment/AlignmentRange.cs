namespace SpikeEngine.Training.Alignment;

/// <summary>Refuses numbers of the options.</summary>
internal static class AlignmentRange
{
    public static void RequirePositive(float value, string name)
    {
        if (!(value > 0f && float.IsFinite(value)))
            throw Error(name, value, "a positive number");
    }

    public static ArgumentException Error(string name, float value, string what) =>
        new(FormattableString.Invariant($"{name} is {value}; it must be {what}."));
}
