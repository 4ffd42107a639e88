namespace SpikeEngine;

/// <summary>
/// A prefix of parameter paths. A layer's constructor asks its scope for what it needs, by name. The default value is the
/// scope of a part without parameters.
/// </summary>
public readonly struct ParameterScope
{
    private readonly ParameterStore? _store;
    private readonly string? _prefix;

    internal ParameterScope(ParameterStore store, string prefix)
    {
        _store = store;
        _prefix = prefix;
    }

    /// <summary>What the paths of its parameters start with: empty, or with a dot at the end.</summary>
    internal string Prefix => _prefix ?? "";

    /// <summary>The path of the part itself, as in <c>backbone.layers.0</c>; empty for the root.</summary>
    public string Path => Prefix.TrimEnd('.');

    /// <summary>The scope of a part, as in <c>scope / "mixer"</c>.</summary>
    public static ParameterScope operator /(ParameterScope scope, string name) => new(scope.Store, $"{scope.Prefix}{name}.");

    /// <summary>The scope of an element of a list of parts.</summary>
    public static ParameterScope operator /(ParameterScope scope, int index) => new(scope.Store, $"{scope.Prefix}{index}.");

    /// <summary>A parameter of this part: new, or read from a checkpoint.</summary>
    /// <param name="name">Its name in the checkpoint, as in <c>weight</c>.</param>
    /// <param name="dims">Its shape.</param>
    /// <param name="initializer">How to fill a new one.</param>
    /// <param name="decays">Whether weight decay applies to it.</param>
    public Parameter Get(string name, ReadOnlySpan<int> dims, Initializer initializer, bool decays = false) =>
        Store.Add(Prefix + name, new Shape(dims), initializer, decays);

    /// <summary>A tensor that is saved with the parameters but not trained, such as a running mean.</summary>
    /// <param name="name">Its name in the checkpoint, as in <c>running_mean</c>.</param>
    /// <param name="dims">Its shape.</param>
    /// <param name="initializer">How to fill a new one.</param>
    public Parameter Buffer(string name, ReadOnlySpan<int> dims, Initializer initializer)
    {
        Parameter buffer = Store.Add(Prefix + name, new Shape(dims), initializer, decays: false);
        buffer.Trainable = false;
        return buffer;
    }

    /// <summary>Everything that this part and the parts of it have asked for.</summary>
    internal IEnumerable<Parameter> Parameters()
    {
        string prefix = Prefix;
        return _store?.Parameters.Where(parameter => parameter.Path.StartsWith(prefix, StringComparison.Ordinal)) ?? [];
    }

    private ParameterStore Store => _store ?? throw new InvalidOperationException("This scope belongs to no ParameterStore; start from a store's Root.");
}
