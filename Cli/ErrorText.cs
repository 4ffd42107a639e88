namespace SpikeEngine.Cli;

/// <summary>What an exception says to whoever typed a command.</summary>
internal static class ErrorText
{
    /// <summary>Its message, without the name of a method's parameter, which means nothing there.</summary>
    public static string Of(Exception error) =>
        error is ArgumentException { ParamName: { } name } ? error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : error.Message;
}
