namespace SpikeEngine.Model.Checkpoints;

internal static class MessageText
{
    /// <summary>A hostile file may hold a megabyte where a name or number belongs; a message should not.</summary>
    public static string Shorten(string text) => text.Length <= 320 ? text : text[..320] + "...";
}
