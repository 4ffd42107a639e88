namespace SpikeEngine.Model.Vision;

/// <summary>A convolution and the batch norm behind it, which are one convolution with other weights when the running statistics are used.</summary>
public sealed class ConvNorm : Module
{
    internal ConvNorm(ParameterScope scope, int index, int channels, int outputs, int kernel, int stride, int places, SpikingSite? source, Initializer? initial)
        : base(scope)
    {
        (Index, Places, Source) = (index, places, source);
        Conv = new Conv2d(scope / "conv", channels, outputs, kernel, stride, padding: kernel / 2, initial: initial);
        Norm = new BatchNorm2d(scope / "norm", outputs);
    }

    /// <summary>Number of the convolution, in the order of the forward pass; the first one gets the image.</summary>
    public int Index { get; }

    /// <summary>Places of a map that it gives.</summary>
    public int Places { get; }

    /// <summary>The neurons whose spikes it gets; null where that is the image.</summary>
    public SpikingSite? Source { get; }

    /// <summary>The convolution.</summary>
    public Conv2d Conv { get; }

    /// <summary>The norm.</summary>
    public BatchNorm2d Norm { get; }

    /// <summary>[N, C, H, W] to [N, O, OH, OW], norm and all.</summary>
    public Tensor Forward(Tensor x) => Norm.Forward(Conv.Forward(x));

    /// <summary>
    /// The one convolution (section 3.1):  a = γ / sqrt(var + eps);  W' = a W;  b' = (a (b - mean) + β) / steps.
    /// </summary>
    /// <param name="steps">T where a step gets a T-th of the bias, else 1.</param>
    /// <returns>W' [O, C, KH, KW] and b' [O], copies in the current <see cref="Workspace"/>.</returns>
    public (Tensor Weight, Tensor Bias) Folded(int steps)
    {
        Tensor weight = Tensor.Like(Conv.Weight), bias = new(Conv.Weight.Shape[0]);
        int inputs = weight.Count / bias.Count;
        for (int o = 0; o < bias.Count; o++)
        {
            float a = Norm.Weight.Values[o] / MathF.Sqrt(Norm.RunningVar.Values[o] + Norm.Eps);
            ReadOnlySpan<float> from = Conv.Weight.Values.Slice(o * inputs, inputs);
            Span<float> to = weight.Values.Slice(o * inputs, inputs);
            for (int i = 0; i < inputs; i++)
                to[i] = a * from[i];
            bias.Values[o] = (a * (Conv.Bias!.Values[o] - Norm.RunningMean.Values[o]) + Norm.Bias.Values[o]) / steps;
        }

        return (weight, bias);
    }
}
