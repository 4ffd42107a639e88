namespace SpikeEngine.Model.Checkpoints;

internal static class TemporaryName
{
    /// <summary>Eight random hexadecimal digits: two processes that save to one place do not meet.</summary>
    public static string Suffix() => Guid.NewGuid().ToString("N")[..8];
}
