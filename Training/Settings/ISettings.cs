namespace SpikeEngine.Training.Settings;

/// <summary>
/// One pass over the settings of an object: a reader returns what a file says, or the value it is shown where the file says
/// nothing; a writer writes the value and returns it. One method for both directions, so that what is written can be read.
/// </summary>
internal interface ISettings
{
    /// <summary>Of several settings at most one may be there. True when a file or flag gives one: values of the others are then void.</summary>
    bool OnlyOne(params string[] names);

    /// <summary>Refuses settings that mean nothing beside another one, which is there and not null.</summary>
    void Excludes(string name, params string[] others);

    /// <summary>Refuses settings that mean nothing here.</summary>
    /// <param name="why">Behind the setting's name in the message.</param>
    /// <param name="names">The settings.</param>
    void Foreign(string why, params string[] names);

    /// <summary>A whole number of a range; an alias is another name of the same.</summary>
    int Whole(string name, int value, int least, string? alias = null, int most = int.MaxValue);

    /// <summary>A whole number of a range, or null.</summary>
    long? WholeOrNone(string name, long? value, long least, long most = long.MaxValue);

    /// <summary>A seed.</summary>
    ulong Seed(string name, ulong value);

    /// <summary>A seed or null.</summary>
    ulong? SeedOrNone(string name, ulong? value);

    /// <summary>A number of a range.</summary>
    double Number(string name, double value, Allowed allowed);

    /// <summary>A number of a range, or null.</summary>
    double? NumberOrNone(string name, double? value, Allowed allowed);

    /// <summary>Two numbers of a range.</summary>
    (double First, double Second) Pair(string name, (double First, double Second) value, Allowed allowed);

    /// <summary>True or false.</summary>
    bool Switch(string name, bool value, string? alias = null);

    /// <summary>One of some words.</summary>
    string Choice(string name, string value, params string[] words);

    /// <summary>A text that is not empty.</summary>
    string Text(string name, string value);

    /// <summary>A text that <paramref name="parse"/> accepts; it throws an <see cref="ArgumentException"/> that says what is wrong.</summary>
    string Parsed(string name, string value, Action<string> parse);

    /// <summary>A text that is not empty, or null.</summary>
    string? TextOrNone(string name, string? value);

    /// <summary>Texts; a single one needs no brackets.</summary>
    IReadOnlyList<string> Texts(string name, IReadOnlyList<string> value);

    /// <summary>An object.</summary>
    T Section<T>(string name, T value, Func<ISettings, T, T> pass);

    /// <summary>A list of objects.</summary>
    IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, T blank, Func<ISettings, T, T> pass);
}
