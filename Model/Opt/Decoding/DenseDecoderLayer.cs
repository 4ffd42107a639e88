using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>A dense block: the equations of <see cref="OptBlock"/> with keys and values from a cache.</summary>
internal sealed class DenseDecoderLayer : OptDecoderLayer
{
    private readonly OptProjections<DenseProjection> _projections;
    private readonly float _scale;

    public DenseDecoderLayer(OptConfig config, int layer, IDecoderWeights weights, DecoderOptions options)
        : base(config, layer)
    {
        _projections = new OptProjections<DenseProjection>(config, layer, weights, options.Weights, static (weight, bias) => new DenseProjection(weight, bias));
        _scale = 1f / MathF.Sqrt(config.HeadDim);
    }

    internal override long WeightBytes => _projections.All.Sum(projection => projection.WeightBytes);

    internal override StorageType WeightType => _projections.Q.WeightType;

    internal override Tensor Forward(Tensor x, OptState state, SpikeStatistics? spikes)
    {
        Tensor u = Config.NormBefore ? _projections.AttentionNorm!.Forward(x) : x;
        x = _projections.Out.Forward(Attention(u, state), x, default);
        if (!Config.NormBefore)
            x = _projections.AttentionNorm!.Forward(x);
        u = Config.NormBefore ? _projections.FinalNorm!.Forward(x) : x;
        x = _projections.Fc2.Forward(Ops.Relu(_projections.Fc1.Forward(u, residual: null, default)), x, default);
        return Config.NormBefore ? x : _projections.FinalNorm!.Forward(x);
    }

    internal override void Step(OptBuffers buffers, OptState state)
    {
        Span<float> x = buffers.Stream.Span;
        Memory<float> u = Config.NormBefore ? Norm(_projections.AttentionNorm!, buffers) : buffers.Stream;
        buffers.Clock?.Note(Layer, DecodePart.Norm);
        _projections.Q.Multiply(u, buffers.Query);
        _projections.K.Multiply(u, buffers.Key);
        _projections.V.Multiply(u, buffers.Value);
        buffers.Clock?.Note(Layer, DecodePart.InProj);
        Attend(buffers, (FloatCache)state.Layer(Layer), (int)state.Position);
        buffers.Clock?.Note(Layer, DecodePart.Scan);
        Memory<float> current = buffers.Current[..Config.DModel];
        _projections.Out.Multiply(buffers.Mixed, current);
        Simd.Run(new AddScaled { X = current.Span, Y = x });
        if (!Config.NormBefore)
            _projections.AttentionNorm!.Run(x, x, buffers.Moments);
        u = Config.NormBefore ? Norm(_projections.FinalNorm!, buffers) : buffers.Stream;
        _projections.Fc1.Multiply(u, buffers.Wide);
        System.Numerics.Tensors.TensorPrimitives.Max(buffers.Wide.Span, 0f, buffers.Wide.Span);
        _projections.Fc2.Multiply(buffers.Wide, current);
        Simd.Run(new AddScaled { X = current.Span, Y = x });
        if (!Config.NormBefore)
            _projections.FinalNorm!.Run(x, x, buffers.Moments);
        buffers.Clock?.Note(Layer, DecodePart.OutProj);
    }

    private static Memory<float> Norm(DecoderNorm norm, OptBuffers buffers)
    {
        norm.Run(buffers.Stream.Span, buffers.Normed.Span, buffers.Moments);
        return buffers.Normed;
    }

    private void Attend(OptBuffers buffers, FloatCache cache, int position)
    {
        cache.Begin(position, 1);
        buffers.Key.Span.CopyTo(cache.Keys(0, position));
        buffers.Value.Span.CopyTo(cache.Values(0, position));
        RowParallel.For(Config.HeadCount, 1, (layer: this, buffers, cache, position), static (s, head, _) =>
            s.layer.Head(s.buffers.Query.Span, s.cache, 0, s.position, 1, head, s.buffers.Mixed.Span));
    }

    private Tensor Attention(Tensor u, OptState state)
    {
        Tensor q = _projections.Q.Forward(u, residual: null, default), k = _projections.K.Forward(u, residual: null, default), v = _projections.V.Forward(u, residual: null, default);
        (int batch, int length, int position) = (u.Shape[0], u.Shape[1], (int)state.Position);
        var cache = (FloatCache)state.Layer(Layer);
        cache.Begin(position, length);
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
