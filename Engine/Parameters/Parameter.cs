namespace SpikeEngine;

/// <summary>A tensor that training changes. Its values and gradient live as long as it does, not for one step.</summary>
public sealed class Parameter : Tensor
{
    internal Parameter(string path, Shape shape, bool decays)
        : base(shape, AlignedMemory.Allocate(shape.Count))
    {
        Path = path;
        Decays = decays;
        NeedsGrad = true;
    }

    /// <summary>Its name in a checkpoint, as in <c>backbone.layers.0.mixer.A_log</c>.</summary>
    public string Path { get; }

    /// <summary>Whether weight decay applies: to matrices, not to A_log, D, dt_bias, norms and biases.</summary>
    public bool Decays { get; }

    /// <summary>False freezes it: no gradient is computed and the optimiser leaves it alone.</summary>
    public bool Trainable
    {
        get => NeedsGrad;
        set => NeedsGrad = value;
    }
}
