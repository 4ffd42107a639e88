namespace SpikeEngine.Cli.Bench;

/// <summary>A weight as it is used with many vectors of spikes: itself in single precision, which may be trained, else frozen by input.</summary>
internal sealed class SpikeCase(Tensor weight, StorageType type)
{
    private readonly InputMajorWeight? _stored = type == StorageType.Float32 ? null : InputMajorWeight.From(weight, type);

    /// <summary>The product, one way or the other.</summary>
    public Tensor Run(Tensor spikes, int levels, SpikePath path) => _stored is null
        ? Ops.SpikeLinear(spikes, weight, levels: levels, path: path)
        : Ops.SpikeLinear(spikes, _stored, levels: levels, path: path);

    /// <summary>The dense product as it is without spikes in mind; with bytes there is none but that of spikes.</summary>
    public Tensor RunDense(Tensor x, int levels) => _stored switch
    {
        null => Ops.Linear(x, weight),
        { Type: StorageType.Int8 } => Run(x, levels, SpikePath.Dense),
        _ => Ops.Linear(x, _stored),
    };
}
