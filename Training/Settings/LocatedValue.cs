using System.Text.Json;

namespace SpikeEngine.Training.Settings;

/// <summary>A JSON value that knows where it was written. Objects can be changed, which is how flags override files.</summary>
internal sealed class LocatedValue(JsonTokenType kind, Origin origin, string text = "")
{
    /// <summary><see cref="JsonTokenType.StartObject"/>, <see cref="JsonTokenType.StartArray"/> or that of a value of its own.</summary>
    public JsonTokenType Kind { get; } = kind;

    public Origin Origin { get; } = origin;

    /// <summary>A string's content, or the number or word as it was written.</summary>
    public string Text { get; } = text;

    /// <summary>The members of an object, in their order.</summary>
    public List<LocatedMember> Members { get; } = [];

    /// <summary>The elements of an array.</summary>
    public List<LocatedValue> Items { get; } = [];

    public LocatedMember? Find(string name) => Members.Find(member => member.Name == name);

    /// <summary>How a message shows it.</summary>
    public string Shown() => Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"\"{(Text.Length <= 60 ? Text : Text[..60] + "...")}\"",
        _ => Text,
    };

    /// <summary>Gives a setting, named by its path such as <c>training.steps</c>, another value.</summary>
    /// <exception cref="InvalidDataException">A part of the path is there and is no object.</exception>
    public void Set(string path, LocatedValue value)
    {
        LocatedValue at = this;
        string[] names = path.Split('.');
        foreach (string name in names[..^1])
        {
            LocatedMember? member = at.Find(name);
            if (member is null || member.Value.Kind == JsonTokenType.Null)
                member = at.Replace(name, new LocatedValue(JsonTokenType.StartObject, value.Origin));
            at = member.Value;
            if (at.Kind != JsonTokenType.StartObject)
                throw value.Origin.Error($"'{name}' is {at.Shown()} ({at.Origin}) and has no settings below it");
        }

        at.Replace(names[^1], value);
    }

    private LocatedMember Replace(string name, LocatedValue value)
    {
        LocatedMember member = new(name, value.Origin, value);
        int index = Members.FindIndex(m => m.Name == name);
        if (index < 0)
            Members.Add(member);
        else
            Members[index] = member;
        return member;
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Origin">Where the name was written.</param>
/// <param name="Value">Its value.</param>
internal sealed record LocatedMember(string Name, Origin Origin, LocatedValue Value);
