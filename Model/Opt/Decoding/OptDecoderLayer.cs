using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>One block for running a model.</summary>
internal abstract class OptDecoderLayer(OptConfig config, int layer)
{
    /// <summary>Bytes of its matrices.</summary>
    internal abstract long WeightBytes { get; }

    /// <summary>How its projections are kept.</summary>
    internal abstract StorageType WeightType { get; }

    private protected OptConfig Config => config;

    private protected int Layer => layer;

    /// <summary>Whole pieces of texts, whose keys and values go into the state.</summary>
    /// <param name="x">[B, T, D], or [steps, B, T, D].</param>
    /// <param name="state">The texts so far; its position is that in front of the piece.</param>
    /// <param name="spikes">Counts the spikes, when given.</param>
    internal abstract Tensor Forward(Tensor x, OptState state, SpikeStatistics? spikes);

    /// <summary>One token, whose stream is in the buffers.</summary>
    internal abstract void Step(OptBuffers buffers, OptState state);

    /// <summary>The block of a model.</summary>
    internal static OptDecoderLayer Of(OptConfig config, int layer, IDecoderWeights weights, DecoderOptions options) =>
        config.IsSpiking ? new SpikingDecoderLayer(config, layer, weights, options) : new DenseDecoderLayer(config, layer, weights, options);
}

/// <summary>A layer norm for running a model.</summary>
internal sealed class DecoderNorm(IDecoderWeights weights, string name, OptConfig config)
{
    private readonly Tensor _weight = weights.Small(name + ".weight", config.DModel);
    private readonly Tensor _bias = weights.Small(name + ".bias", config.DModel);

    public Tensor Forward(Tensor x) => Ops.LayerNorm(x, _weight, _bias, config.NormEpsilon);

    /// <summary>Row by row, as of <see cref="Forward"/>.</summary>
    public void Run(ReadOnlySpan<float> x, Span<float> y, float[] moments)
    {
        for (int row = 0; row < x.Length; row += config.DModel)
        {
            Simd.Run(new LayerNormForward
            {
                X = x.Slice(row, config.DModel), Weight = _weight, Bias = _bias, Eps = config.NormEpsilon, Y = y.Slice(row, config.DModel), Moments = moments,
            });
        }
    }
}
