using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>A dense block: the equations of <see cref="OptBlock"/> with keys and values from a cache.</summary>
internal sealed class DenseDecoderLayer : OptDecoderLayer
{
    private readonly DenseProjection _qProj, _kProj, _vProj, _outProj, _fc1, _fc2;
    private readonly DecoderNorm _attentionNorm, _finalNorm;
    private readonly float _scale;

    public DenseDecoderLayer(OptConfig config, int layer, IDecoderWeights weights, DecoderOptions options)
        : base(config, layer)
    {
        string block = $"{OptTensors.Decoder}.layers.{layer}.", attention = block + "self_attn.";
        int d = config.DModel;
        _qProj = Projection(attention + "q_proj", d, d, config.HasAttentionBias);
        _kProj = Projection(attention + "k_proj", d, d, config.HasAttentionBias);
        _vProj = Projection(attention + "v_proj", d, d, config.HasAttentionBias);
        _outProj = Projection(attention + "out_proj", d, d, config.HasAttentionBias);
        _fc1 = Projection(block + "fc1", config.FfnDim, d, config.UseBias);
        _fc2 = Projection(block + "fc2", d, config.FfnDim, config.UseBias);
        _attentionNorm = new DecoderNorm(weights, block + "self_attn_layer_norm", config);
        _finalNorm = new DecoderNorm(weights, block + "final_layer_norm", config);
        _scale = 1f / MathF.Sqrt(config.HeadDim);

        DenseProjection Projection(string name, int outputs, int inputs, bool hasBias) =>
            new(weights.Matrix(name + ".weight", outputs, inputs, options.Weights), hasBias ? weights.Small(name + ".bias", outputs) : null);
    }

    internal override long WeightBytes =>
        _qProj.WeightBytes + _kProj.WeightBytes + _vProj.WeightBytes + _outProj.WeightBytes + _fc1.WeightBytes + _fc2.WeightBytes;

    internal override StorageType WeightType => _qProj.WeightType;

    internal override Tensor Forward(Tensor x, OptState state, SpikeStatistics? spikes)
    {
        Tensor u = Config.NormBefore ? _attentionNorm.Forward(x) : x;
        x = _outProj.Forward(Attention(u, state), x, default);
        if (!Config.NormBefore)
            x = _attentionNorm.Forward(x);
        u = Config.NormBefore ? _finalNorm.Forward(x) : x;
        x = _fc2.Forward(Ops.Relu(_fc1.Forward(u, residual: null, default)), x, default);
        return Config.NormBefore ? x : _finalNorm.Forward(x);
    }

    internal override void Step(OptBuffers buffers, OptState state)
    {
        Span<float> x = buffers.Stream.Span;
        Memory<float> u = Config.NormBefore ? Norm(_attentionNorm, buffers) : buffers.Stream;
        buffers.Clock?.Note(Layer, DecodePart.Norm);
        _qProj.Multiply(u, buffers.Query);
        _kProj.Multiply(u, buffers.Key);
        _vProj.Multiply(u, buffers.Value);
        buffers.Clock?.Note(Layer, DecodePart.InProj);
        Attend(buffers, (FloatCache)state.Layer(Layer), (int)state.Position);
        buffers.Clock?.Note(Layer, DecodePart.Scan);
        Memory<float> current = buffers.Current[..Config.DModel];
        _outProj.Multiply(buffers.Mixed, current);
        Simd.Run(new AddScaled { X = current.Span, Y = x });
        if (!Config.NormBefore)
            _attentionNorm.Run(x, x, buffers.Moments);
        u = Config.NormBefore ? Norm(_finalNorm, buffers) : buffers.Stream;
        _fc1.Multiply(u, buffers.Wide);
        System.Numerics.Tensors.TensorPrimitives.Max(buffers.Wide.Span, 0f, buffers.Wide.Span);
        _fc2.Multiply(buffers.Wide, current);
        Simd.Run(new AddScaled { X = current.Span, Y = x });
        if (!Config.NormBefore)
            _finalNorm.Run(x, x, buffers.Moments);
        buffers.Clock?.Note(Layer, DecodePart.OutProj);
    }

    private static Memory<float> Norm(DecoderNorm norm, OptBuffers buffers)
    {
        norm.Run(buffers.Stream.Span, buffers.Normed.Span, buffers.Moments);
        return buffers.Normed;
    }

    private void Attend(OptBuffers buffers, FloatCache cache, int position)
    {
        cache.Require(position + 1);
        buffers.Key.Span.CopyTo(cache.Keys(0, position));
        buffers.Value.Span.CopyTo(cache.Values(0, position));
        RowParallel.For(Config.HeadCount, 1, (layer: this, buffers, cache, position), static (s, head, _) =>
            s.layer.Head(s.buffers.Query.Span, s.cache, 0, s.position, 1, head, s.buffers.Mixed.Span));
    }

    private Tensor Attention(Tensor u, OptState state)
    {
        Tensor q = _qProj.Forward(u, residual: null, default), k = _kProj.Forward(u, residual: null, default), v = _vProj.Forward(u, residual: null, default);
        (int batch, int length, int position) = (u.Shape[0], u.Shape[1], (int)state.Position);
        var cache = (FloatCache)state.Layer(Layer);
        cache.Require(position + length);
        for (int sequence = 0; sequence < batch; sequence++)
        {
            int rows = length * Config.DModel;
            k.Values.Slice(sequence * rows, rows).CopyTo(cache.Keys(sequence, position));
            v.Values.Slice(sequence * rows, rows).CopyTo(cache.Values(sequence, position));
        }

        Tensor o = Tensor.Like(q);
        RowParallel.For(batch * Config.HeadCount, 1, (layer: this, q, cache, position, length, o), static (s, task, _) =>
        {
            (int sequence, int head) = Math.DivRem(task, s.layer.Config.HeadCount);
            int at = sequence * s.length * s.layer.Config.DModel;
            s.layer.Head(s.q.Values[at..], s.cache, sequence, s.position, s.length, head, s.o.Values[at..]);
        }, heavy: true);
        return o;
    }

    private void Head(ReadOnlySpan<float> q, FloatCache cache, int sequence, int position, int length, int head, Span<float> o)
    {
        int column = head * Config.HeadDim;
        AttentionHead shape = new(length, Config.HeadDim, Config.DModel);
        int scratch = CausalAttentionForward.ScratchLength(shape, position);
        Span<float> room = ThreadScratch.Take(scratch + length);
        Simd.Run(new CausalAttentionForward
        {
            Head = shape, Before = position, Q = q[column..], K = cache.Keys(sequence)[column..], V = cache.Values(sequence)[column..], Scale = _scale,
            O = o[column..], LogSums = room[scratch..], Scratch = room[..scratch],
        });
    }
}
