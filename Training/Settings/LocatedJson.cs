using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SpikeEngine.Training.Settings;

/// <summary>Reads JSON that people write, with comments and trailing commas, and keeps where each part of it stands.</summary>
internal static class LocatedJson
{
    /// <summary>A configuration is a page of text; whatever is longer is something else.</summary>
    private const long MaxLength = 1 << 20;

    private static readonly JsonReaderOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file whose outermost value is an object.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or a key occurs twice; the message names the line.</exception>
    public static LocatedValue ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"Configuration '{path}' does not exist.", path);
        if (new FileInfo(path).Length is > MaxLength and long length)
            throw new InvalidDataException($"{path}: {length} bytes are too many for a configuration");
        byte[] bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        LocatedValue value = Read(bytes.AsSpan().StartsWith(mark) ? bytes[mark.Length..] : bytes, path);
        return value.Kind == JsonTokenType.StartObject
            ? value
            : throw value.Origin.Error($"the configuration is {value.Shown()}; it must be an object: {{ ... }}");
    }

    /// <summary>Reads the value of a flag: JSON where it is JSON, and otherwise a string, so that paths need no quotes.</summary>
    public static LocatedValue ReadFlag(string text, Origin origin)
    {
        try
        {
            return Read(Encoding.UTF8.GetBytes(text), origin.Source, origin);
        }
        catch (InvalidDataException) when (!text.StartsWith('{') && !text.StartsWith('['))
        {
            return new LocatedValue(JsonTokenType.String, origin, text);
        }
    }

    /// <summary>Reads one value.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="origin">Where every part of it stands, when it has no lines of its own.</param>
    public static LocatedValue Read(byte[] utf8, string source, Origin? origin = null)
    {
        Places places = new(utf8, source, origin);
        if (!Utf8.IsValid(utf8))
            throw places.At(FirstInvalid(utf8)).Error("the text is not valid UTF-8");
        Utf8JsonReader reader = new(utf8, s_options);
        try
        {
            reader.Read();
            LocatedValue value = Value(ref reader, places);
            reader.Read();   // whatever follows is an error
            return value;
        }
        catch (JsonException error)
        {
            long offset = places.Offset(error.LineNumber ?? 0, error.BytePositionInLine ?? 0);
            throw new InvalidDataException($"{places.At(offset)}: not valid JSON: {FirstSentence(error.Message)}", error);
        }
        catch (InvalidOperationException error)
        {
            // The reader's way of refusing half a surrogate pair.
            throw new InvalidDataException($"{places.At(reader.TokenStartIndex)}: text that is not Unicode", error);
        }
    }

    private static LocatedValue Value(ref Utf8JsonReader reader, Places places)
    {
        Origin origin = places.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                LocatedValue parent = new(JsonTokenType.StartObject, origin);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    Origin at = places.At(reader.TokenStartIndex);
                    string name = reader.GetString()!;
                    if (parent.Find(name) is { } earlier)
                        throw at.Error($"'{name}' is there twice; the first is at {earlier.Origin}");
                    reader.Read();
                    parent.Members.Add(new LocatedMember(name, at, Value(ref reader, places)));
                }

                return parent;
            case JsonTokenType.StartArray:
                LocatedValue array = new(JsonTokenType.StartArray, origin);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Items.Add(Value(ref reader, places));
                return array;
            case JsonTokenType.String:
                return new LocatedValue(JsonTokenType.String, origin, reader.GetString()!);
            default:
                return new LocatedValue(reader.TokenType, origin, Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out int used) == System.Buffers.OperationStatus.Done)
            offset += used;
        return offset;
    }

    /// <summary>The reader's second sentence repeats the position, counted in another way.</summary>
    private static string FirstSentence(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is >= 0 and int end ? message[..end] : message;

    /// <summary>Turns offsets into lines and columns. A configuration is short, so each is counted from the beginning.</summary>
    private sealed class Places(byte[] utf8, string source, Origin? fixedOrigin)
    {
        public Origin At(long offset)
        {
            if (fixedOrigin is not null)
                return fixedOrigin;
            ReadOnlySpan<byte> before = utf8.AsSpan(0, (int)offset);
            int lineStart = before.LastIndexOf((byte)'\n') + 1;
            return new Origin(source, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
        }

        public long Offset(long line, long byteInLine)
        {
            int start = 0;
            for (long i = 0; i < line; i++)
                start += utf8.AsSpan(start).IndexOf((byte)'\n') + 1;
            return Math.Min(start + byteInLine, utf8.Length);
        }
    }
}
