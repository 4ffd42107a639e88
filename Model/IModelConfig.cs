namespace SpikeEngine.Model;

/// <summary>What a <c>config.json</c> holds, of whatever kind of model.</summary>
public interface IModelConfig
{
    /// <summary>What the kind of model is called, as <c>model_type</c> of the file.</summary>
    string ModelType { get; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range and why.</summary>
    void Validate();
}
