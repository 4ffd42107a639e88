namespace SpikeEngine;

/// <summary>Provides the values of a parameter that a layer asks for: random numbers, or a checkpoint's.</summary>
/// <param name="path">Its full name.</param>
/// <param name="shape">Its shape, as the layer wants it.</param>
/// <param name="initializer">How the layer would fill a new one.</param>
/// <param name="values">To be written.</param>
public delegate void ParameterSource(string path, Shape shape, Initializer initializer, Span<float> values);

/// <summary>All parameters of a model, in the order in which its layers asked for them.</summary>
public sealed class ParameterStore
{
    private readonly ParameterSource _source;
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _byPath = [];

    /// <summary>A store that fills parameters from <paramref name="source"/>.</summary>
    public ParameterStore(ParameterSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        Root = new ParameterScope(this, "");
    }

    /// <summary>A store that fills parameters with the layers' own random numbers; each path has its own stream of the seed.</summary>
    public static ParameterStore Random(ulong seed) =>
        new((path, _, initializer, values) => initializer(values, new SeededRandom(seed, path)));

    /// <summary>A store that copies the values of another, parameter by parameter.</summary>
    /// <exception cref="ArgumentException">On construction of the model: a parameter is missing in the other or has another shape.</exception>
    public static ParameterStore CopyOf(ParameterStore other) => new((path, shape, _, values) =>
    {
        Parameter parameter = other[path];
        if (parameter.Shape != shape)
            throw new ArgumentException($"{path} is {parameter.Shape} in the source, {shape} here.", nameof(other));
        parameter.Values.CopyTo(values);
    });

    /// <summary>The scope without a prefix.</summary>
    public ParameterScope Root { get; }

    /// <summary>Every parameter.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Number of values in all parameters.</summary>
    public long Count => _parameters.Sum(p => (long)p.Count);

    /// <summary>The parameter of a path.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Parameter this[string path] =>
        _byPath.TryGetValue(path, out Parameter? parameter)
            ? parameter
            : throw new ArgumentException($"No parameter is called \"{path}\".", nameof(path));

    /// <summary>Whether there is a parameter of that path.</summary>
    public bool Contains(string path) => _byPath.ContainsKey(path);

    /// <summary>Sets every gradient to zero.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in _parameters)
        {
            if (parameter.HasGrad)
                parameter.Grad.Clear();
        }
    }

    internal Parameter Add(string path, Shape shape, Initializer initializer, bool decays)
    {
        if (_byPath.ContainsKey(path))
            throw new ArgumentException($"Two layers ask for a parameter called \"{path}\".", nameof(path));
        Parameter parameter = new(path, shape, decays);
        _source(path, shape, initializer, parameter.Values);
        _parameters.Add(parameter);
        _byPath.Add(path, parameter);
        return parameter;
    }
}
