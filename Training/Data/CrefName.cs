namespace SpikeEngine.Training.Data;

/// <summary>The short name of a documentation reference, as a reader would say it.</summary>
internal static class CrefName
{
    /// <summary>
    /// <c>M:System.String.Concat(System.Object)</c> gives <c>Concat</c>, <c>T:System.Collections.Generic.List`1</c> gives
    /// <c>List</c>, <c>M:System.Uri.#ctor(System.String)</c> gives <c>Uri</c>.
    /// </summary>
    public static string Of(string cref)
    {
        ReadOnlySpan<char> name = cref;
        int colon = name.IndexOf(':');
        name = name[(colon + 1)..];

        // Parameters and type arguments hold dots of their own: cut before looking for the last one.
        int arguments = name.IndexOfAny("({~?");
        if (arguments >= 0)
            name = name[..arguments];

        // A namespace is only itself as a whole: the last part of N:System.Xml would be Xml.
        if (cref.StartsWith("N:", StringComparison.Ordinal))
            return name.ToString();

        foreach (string constructor in (ReadOnlySpan<string>)[".#ctor", ".#cctor"])
        {
            if (name.EndsWith(constructor, StringComparison.Ordinal))
                name = name[..^constructor.Length];
        }

        name = name[(name.LastIndexOf('.') + 1)..];

        // An explicit implementation is spelt System#IDisposable#Dispose.
        name = name[(name.LastIndexOf('#') + 1)..];
        int arity = name.IndexOf('`');
        return (arity >= 0 ? name[..arity] : name).ToString();
    }
}
