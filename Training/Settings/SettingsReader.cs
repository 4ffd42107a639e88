using System.Globalization;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Settings;

/// <summary>Takes settings out of an object, and remembers which names it was asked for, so that others can be refused.</summary>
internal sealed class SettingsReader(LocatedValue root, string path = "") : ISettings
{
    private readonly List<string> _asked = [];
    private readonly List<SettingsReader> _below = [];

    /// <summary>Where a setting was written, or null when it has its default.</summary>
    /// <param name="outermost">The whole configuration.</param>
    /// <param name="setting">Its path from there on.</param>
    public static LocatedMember? Find(LocatedValue outermost, string setting)
    {
        LocatedMember? member = null;
        foreach (string name in setting.Split('.'))
        {
            member = (member?.Value ?? outermost).Find(name);
            if (member is null)
                return null;
        }

        return member;
    }

    public bool OnlyOne(params string[] names)
    {
        LocatedMember[] given = Given(names);
        LocatedMember[] flags = [.. given.Where(m => m.Origin.IsFlag)];
        LocatedMember[] winners = flags.Length > 0 ? flags : given;
        if (winners.Length > 1)
        {
            throw winners[1].Origin.Error($"'{Path(winners[1].Name)}' contradicts '{Path(winners[0].Name)}' ({winners[0].Origin}); "
                + $"only one of {string.Join(", ", names)} can be given");
        }

        root.Members.RemoveAll(m => names.Contains(m.Name) && !winners.Contains(m) && !SaysNo(m.Value));
        return winners.Length > 0;
    }

    public void Excludes(string name, params string[] others)
    {
        if (Given(name) is not [LocatedMember member])
            return;
        _asked.AddRange(others);
        foreach (LocatedMember other in Given(others))
        {
            if (other.Origin.IsFlag || !member.Origin.IsFlag)
                throw other.Origin.Error($"'{Path(other.Name)}' contradicts '{Path(name)}' ({member.Origin}), which decides it");
        }
    }

    public void Foreign(string why, params string[] names)
    {
        foreach (LocatedMember member in Given(names))
            throw member.Origin.Error($"'{Path(member.Name)}' {why}");
        _asked.AddRange(names);   // null says nothing, and is no mistake
    }

    public int Whole(string name, int value, int least, string? alias = null, int most = int.MaxValue) =>
        Take(name, alias) is { } member ? (int)Integer(member, least, most) : value;

    public long? WholeOrNone(string name, long? value, long least, long most = long.MaxValue) =>
        Take(name) is { } member ? IsNull(member) ? null : Integer(member, least, most, orNull: true) : value;

    public ulong Seed(string name, ulong value) => Take(name) is { } member ? SeedOf(member, orNull: false) : value;

    public ulong? SeedOrNone(string name, ulong? value) =>
        Take(name) is { } member ? IsNull(member) ? null : SeedOf(member, orNull: true) : value;

    public double Number(string name, double value, Allowed allowed) =>
        Take(name) is { } member ? Number(member, member.Value, allowed.Words, allowed) : value;

    public double? NumberOrNone(string name, double? value, Allowed allowed) =>
        Take(name) is { } member ? IsNull(member) ? null : Number(member, member.Value, $"{allowed.Words}, or null", allowed) : value;

    public (double First, double Second) Pair(string name, (double First, double Second) value, Allowed allowed)
    {
        if (Take(name) is not { } member)
            return value;
        string words = $"two numbers [a, b], each {allowed.Words}";
        return member.Value.Kind == JsonTokenType.StartArray && member.Value.Items is [LocatedValue first, LocatedValue second]
            ? (Number(member, first, words, allowed), Number(member, second, words, allowed))
            : throw Wrong(member, words);
    }

    public bool Switch(string name, bool value, string? alias = null)
    {
        if (Take(name, alias) is not { } member)
            return value;
        return member.Value.Kind is JsonTokenType.True or JsonTokenType.False
            ? member.Value.Kind == JsonTokenType.True
            : throw Wrong(member, "true or false");
    }

    public string Choice(string name, string value, params string[] words)
    {
        if (Take(name) is not { } member)
            return value;
        if (member.Value.Kind == JsonTokenType.String && words.Contains(member.Value.Text))
            return member.Value.Text;
        string hint = member.Value.Kind == JsonTokenType.String && words.Length > 4
            ? $"; did you mean {SimilarNames.Of(member.Value.Text, words, 1).First()}?"
            : "";
        throw Wrong(member, string.Join(" or ", words.Select(w => $"\"{w}\"")) + hint);
    }

    public string Text(string name, string value) => Take(name) is { } member ? TextOf(member, member.Value, "a text") : value;

    public string Parsed(string name, string value, Action<string> parse)
    {
        if (Take(name) is not { } member)
            return value;
        string text = TextOf(member, member.Value, "a text");
        try
        {
            parse(text);
        }
        catch (ArgumentException error)
        {
            throw member.Value.Origin.Error($"'{Path(name)}': {error.Message}");
        }

        return text;
    }

    public string? TextOrNone(string name, string? value) =>
        Take(name) is { } member ? IsNull(member) ? null : TextOf(member, member.Value, "a text, or null") : value;

    public IReadOnlyList<string> Texts(string name, IReadOnlyList<string> value)
    {
        const string Words = "a text or an array of texts";
        if (Take(name) is not { } member)
            return value;
        return member.Value.Kind switch
        {
            JsonTokenType.Null => [],
            JsonTokenType.StartArray => [.. member.Value.Items.Select(item => TextOf(member, item, Words))],
            _ => [TextOf(member, member.Value, Words)],
        };
    }

    public T Section<T>(string name, T value, Func<ISettings, T, T> pass)
    {
        LocatedMember? member = Take(name);
        if (member is not null && member.Value.Kind != JsonTokenType.StartObject && !IsNull(member))
            throw Wrong(member, "an object { ... }");
        return pass(Below(member?.Value ?? new LocatedValue(JsonTokenType.StartObject, root.Origin), Path(name)), value);
    }

    public IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, T blank, Func<ISettings, T, T> pass)
    {
        if (Take(name) is not { } member || IsNull(member))
            return value;
        if (member.Value.Kind != JsonTokenType.StartArray || member.Value.Items.Find(i => i.Kind != JsonTokenType.StartObject) is not null)
            throw Wrong(member, "an array of objects [{ ... }]");
        return [.. member.Value.Items.Select((item, i) => pass(Below(item, FormattableString.Invariant($"{Path(name)}[{i}]")), blank))];
    }

    /// <summary>Refuses what nobody asked for: in a configuration a misspelt key would otherwise silently keep its default.</summary>
    /// <exception cref="InvalidDataException">There is such a key; the message names the first one and what it may have meant.</exception>
    public void RequireAllKnown()
    {
        SettingsReader[] all = [.. Everything()];
        foreach (SettingsReader reader in all)
        {
            if (reader.FirstUnknown() is { } unknown)
                throw unknown.Origin.Error($"unknown key '{unknown.Name}'{reader.In()}; {Hint(unknown.Name, reader, all)}");
        }
    }

    private static string Hint(string name, SettingsReader reader, SettingsReader[] all)
    {
        if (all.FirstOrDefault(other => other._asked.Contains(name)) is { } home)
            return $"'{name}' belongs {(home.PathOrNull is null ? "outside of all sections" : $"into '{home.PathOrNull}'")}";
        string near = SimilarNames.Of(name, reader._asked, 1).First();
        string elsewhere = SimilarNames.Of(name, all.SelectMany(a => a._asked).Distinct(), 1).First();
        return near == elsewhere ? $"did you mean {near}?" : $"did you mean {near}, or {elsewhere} of another section?";
    }

    private string? PathOrNull => path.Length == 0 ? null : path;

    private string In() => path.Length == 0 ? "" : $" in '{path}'";

    private LocatedMember? FirstUnknown() => root.Members.Find(member => !_asked.Contains(member.Name));

    private IEnumerable<SettingsReader> Everything() => [this, .. _below.SelectMany(reader => reader.Everything())];

    private SettingsReader Below(LocatedValue value, string name)
    {
        SettingsReader reader = new(value, name);
        _below.Add(reader);
        return reader;
    }

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private LocatedMember? Take(string name, string? alias = null)
    {
        _asked.Add(name);
        LocatedMember? member = root.Find(name);
        if (alias is null)
            return member;
        _asked.Add(alias);
        if (root.Find(alias) is not { } other)
            return member;
        if (member is not null && member.Origin.IsFlag == other.Origin.IsFlag)
            throw other.Origin.Error($"'{Path(alias)}' is another name of '{Path(name)}' ({member.Origin}); give one of them");
        return member is null || other.Origin.IsFlag ? other : member;
    }

    /// <summary>Those of the settings that are there and say something: null, false and [] are the ways to say no.</summary>
    private LocatedMember[] Given(params string[] names) => [.. names.Select(root.Find).OfType<LocatedMember>().Where(m => !SaysNo(m.Value))];

    private static bool SaysNo(LocatedValue value) =>
        value.Kind is JsonTokenType.Null or JsonTokenType.False || (value.Kind == JsonTokenType.StartArray && value.Items.Count == 0);

    private static bool IsNull(LocatedMember member) => member.Value.Kind == JsonTokenType.Null;

    private long Integer(LocatedMember member, long least, long most, bool orNull = false)
    {
        bool tellMost = most < int.MaxValue || member.Value.Text.Length > 9;   // whoever writes 5 need not know of two billion
        string words = $"a whole number {(tellMost ? $"from {least} to {most}" : $"from {least} on")}{(orNull ? ", or null" : "")}";
        return member.Value.Kind == JsonTokenType.Number && long.TryParse(member.Value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            && number >= least && number <= most
            ? number
            : throw Wrong(member, words);
    }

    private ulong SeedOf(LocatedMember member, bool orNull) =>
        member.Value.Kind == JsonTokenType.Number && ulong.TryParse(member.Value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw Wrong(member, $"a whole number from 0 to {ulong.MaxValue}{(orNull ? ", or null" : "")}");

    private double Number(LocatedMember member, LocatedValue value, string words, Allowed allowed) =>
        value.Kind == JsonTokenType.Number && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number) && allowed.Holds(number)
            ? number
            : throw Wrong(member, words, value);

    private string TextOf(LocatedMember member, LocatedValue value, string words) =>
        value.Kind == JsonTokenType.String && !string.IsNullOrWhiteSpace(value.Text) ? value.Text : throw Wrong(member, words, value);

    private InvalidDataException Wrong(LocatedMember member, string allowed, LocatedValue? value = null) =>
        (value ?? member.Value).Origin.Error($"'{Path(member.Name)}' is {(value ?? member.Value).Shown()}; it must be {allowed}");
}
