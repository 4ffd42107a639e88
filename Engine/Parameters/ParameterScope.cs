namespace SpikeEngine;

/// <summary>A prefix of parameter paths. A layer's constructor asks its scope for what it needs, by name.</summary>
public readonly struct ParameterScope
{
    private readonly ParameterStore _store;
    private readonly string _prefix;

    internal ParameterScope(ParameterStore store, string prefix)
    {
        _store = store;
        _prefix = prefix;
    }

    /// <summary>The scope of a part, as in <c>scope / "mixer"</c>.</summary>
    public static ParameterScope operator /(ParameterScope scope, string name) => new(scope._store, $"{scope._prefix}{name}.");

    /// <summary>The scope of an element of a list of parts.</summary>
    public static ParameterScope operator /(ParameterScope scope, int index) => new(scope._store, $"{scope._prefix}{index}.");

    /// <summary>A parameter of this part: new, or read from a checkpoint.</summary>
    /// <param name="name">Its name in the checkpoint, as in <c>weight</c>.</param>
    /// <param name="dims">Its shape.</param>
    /// <param name="initializer">How to fill a new one.</param>
    /// <param name="decays">Whether weight decay applies to it.</param>
    public Parameter Get(string name, ReadOnlySpan<int> dims, Initializer initializer, bool decays = false) =>
        _store.Add(_prefix + name, new Shape(dims), initializer, decays);
}
