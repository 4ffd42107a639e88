namespace SpikeEngine;

/// <summary>
/// A part of a network with parameters of its own: a layer, a block, a whole model. Its constructor asks the
/// <see cref="ParameterScope"/> for what it needs, by name, and that is all the registration there is.
/// </summary>
public abstract class Module
{
    [ThreadStatic]
    private static string? t_path;

    private readonly ParameterScope _scope;

    /// <summary>A module whose parameters are those of the scope.</summary>
    protected Module(ParameterScope scope)
    {
        _scope = scope;
        Path = scope.Path;
    }

    /// <summary>Where it is in the model, as in <c>backbone.layers.0.mixer</c>; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Its parameters and those of its parts, buffers included, in the order in which they were asked for.</summary>
    public IEnumerable<Parameter> Parameters() => _scope.Parameters();

    /// <summary>Sets the gradients of its parameters to zero.</summary>
    public void ZeroGrad()
    {
        foreach (Parameter parameter in Parameters())
        {
            if (parameter.HasGrad)
                parameter.Grad.Clear();
        }
    }

    /// <summary>Its parameters by their names below <see cref="Path"/>; the tensors are the module's own, not copies.</summary>
    public IReadOnlyDictionary<string, Tensor> StateDict() =>
        Parameters().ToDictionary(parameter => parameter.Path[_scope.Prefix.Length..], Tensor (parameter) => parameter);

    /// <summary>Copies values into its parameters, all of them or none.</summary>
    /// <param name="state">Tensors by the names of <see cref="StateDict"/>.</param>
    /// <param name="strict">Whether names that only one side has are an error.</param>
    /// <exception cref="ArgumentException">A name is missing or unknown, or a shape differs; the message has both shapes.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        IReadOnlyDictionary<string, Tensor> own = StateDict();
        foreach ((string name, Tensor tensor) in own)
        {
            if (!state.TryGetValue(name, out Tensor? source))
            {
                if (strict)
                    throw new ArgumentException($"The state has no \"{name}\", which is {tensor.Shape} here.", nameof(state));
            }
            else if (source is null || source.Shape != tensor.Shape)
            {
                throw new ArgumentException($"\"{name}\" is {source?.Shape.ToString() ?? "null"} in the state, {tensor.Shape} here.", nameof(state));
            }
            else
            {
                _ = source.Values;   // refuses a tensor whose memory has been taken back, before anything is copied
            }
        }

        if (strict && state.Keys.FirstOrDefault(name => !own.ContainsKey(name)) is { } unknown)
            throw new ArgumentException($"The state has \"{unknown}\" {state[unknown].Shape}, which is unknown here.", nameof(state));
        foreach ((string name, Tensor tensor) in own)
        {
            if (state.TryGetValue(name, out Tensor? source))
                source.Values.CopyTo(tensor.Values);
        }
    }

    /// <summary>Path of the module that is running on this thread; for messages.</summary>
    internal static string CurrentPath => t_path ?? "";

    /// <summary>Marks the operations until the end of the scope as this module's, for messages.</summary>
    protected RunningScope Running() => new(Path);

    /// <summary>The time in which a module runs.</summary>
    protected readonly ref struct RunningScope
    {
        private readonly string? _outer;

        internal RunningScope(string path)
        {
            _outer = t_path;
            t_path = path;
        }

        /// <summary>Back to the module that called.</summary>
        public void Dispose() => t_path = _outer;
    }
}
