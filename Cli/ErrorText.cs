using System.Text.RegularExpressions;

namespace SpikeEngine.Cli;

/// <summary>What an exception says to whoever typed a command.</summary>
internal static partial class ErrorText
{
    /// <summary>Its message, without names of methods' parameters, which mean nothing there.</summary>
    public static string Of(Exception error) => Parameter().Replace(error.Message, "");

    [GeneratedRegex(@" \(Parameter '\w+'\)", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
