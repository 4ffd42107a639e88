using System.Text;
using System.Text.Json;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>
/// Conversations as text. Each message is a line <c>&lt;|ROLE|&gt;</c>, its content, and a line end:
/// <code>
/// &lt;|user|&gt;
/// How high is the tower?
/// &lt;|assistant|&gt;
/// 324 metres.
/// </code>
/// The marks are plain text, so that any tokenizer can write them; the end-of-text token follows the conversation as it follows any document.
/// </summary>
public static class Conversation
{
    /// <summary>One message.</summary>
    /// <param name="Role">Who speaks, such as <c>user</c> or <c>assistant</c>.</param>
    /// <param name="Content">What is said.</param>
    public readonly record struct Message(string Role, string Content);

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">Its messages, in order.</param>
    public static string Render(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var text = new StringBuilder();
        foreach (Message message in messages)
            text.Append(Header(message.Role)).Append(message.Content).Append('\n');
        return text.ToString();
    }

    /// <summary>What stands before a message's content: a prompt that ends with the header of <c>assistant</c> asks for an answer.</summary>
    /// <param name="role">Who speaks.</param>
    public static string Header(string role) => $"<|{role}|>\n";

    /// <summary>The messages of a JSON array of objects with <c>role</c> and <c>content</c>, both strings.</summary>
    /// <param name="messages">The array.</param>
    /// <exception cref="FormatException">It is something else; the message says which message and field.</exception>
    public static IReadOnlyList<Message> Parse(JsonElement messages)
    {
        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
            throw new FormatException($"'messages' is {(messages.ValueKind == JsonValueKind.Array ? "empty" : messages.ValueKind)}; it must be an array of messages.");
        return [.. messages.EnumerateArray().Select((message, i) => new Message(Text(message, i, "role"), Text(message, i, "content")))];
    }

    private static string Text(JsonElement message, int index, string field)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty(field, out JsonElement value))
            throw new FormatException($"messages[{index}] has no '{field}'.");
        string text = value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"'{field}' of messages[{index}] is {value.ValueKind}, not a string.");
        return field != "role" || !string.IsNullOrWhiteSpace(text) ? text : throw new FormatException($"'role' of messages[{index}] is blank.");
    }
}
