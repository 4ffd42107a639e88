namespace SpikeEngine.Training.Settings;

/// <summary>Where a setting was written, as messages name it: <c>run.json:12:5</c>, or the flag that gave it.</summary>
/// <param name="Source">The file as the user named it, or the flag.</param>
/// <param name="Line">The line, from 1 on; 0 for a flag.</param>
/// <param name="Column">The column in characters, from 1 on; 0 for a flag.</param>
internal sealed record Origin(string Source, int Line = 0, int Column = 0)
{
    /// <summary>Whether it was written on the command line, which overrides files.</summary>
    public bool IsFlag => Line == 0;

    public InvalidDataException Error(string offence) => new($"{this}: {offence}");

    public override string ToString() => IsFlag ? Source : FormattableString.Invariant($"{Source}:{Line}:{Column}");
}
