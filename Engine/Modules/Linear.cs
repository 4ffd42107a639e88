namespace SpikeEngine;

/// <summary>y = x Wᵀ + bias.</summary>
public sealed class Linear : Module
{
    /// <summary>Asks the scope for <c>weight</c> [outputs, inputs] and, if wanted, <c>bias</c> [outputs].</summary>
    /// <param name="scope">Where the parameters are.</param>
    /// <param name="inputs">Length of a row of x.</param>
    /// <param name="outputs">Length of a row of y.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="initialScale">Factor of the usual range of new weights.</param>
    public Linear(ParameterScope scope, int inputs, int outputs, bool hasBias = true, float initialScale = 1f)
        : base(scope)
    {
        Weight = scope.Get("weight", [outputs, inputs], Init.KaimingUniform(inputs, initialScale), decays: true);
        Bias = hasBias ? scope.Get("bias", [outputs], Init.Zeros) : null;
    }

    /// <summary>[outputs, inputs]</summary>
    public Parameter Weight { get; }

    /// <summary>[outputs], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>[..., inputs] to [..., outputs]; a residual like the result is added to it.</summary>
    public Tensor Forward(Tensor x, Tensor? residual = null) => Forward(x, Weight, Bias, residual);

    /// <summary>The same of integer spikes, dense or accumulate-only as <see cref="CrossoverProfile"/> advises.</summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels.</param>
    /// <param name="levels">D.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <param name="weight">What stands for <see cref="Weight"/>, such as a multiple of it; null for itself.</param>
    public Tensor ForwardSpikes(Tensor spikes, int levels, Tensor? residual = null, Tensor? weight = null)
    {
        using var running = Running();
        return Ops.SpikeLinear(spikes, weight ?? Weight, Bias, residual, levels);
    }

    /// <summary>The outputs in consecutive parts, each of them contiguous: splits a projection without copying its result.</summary>
    /// <param name="sizes">Outputs of each part, which add up to the layer's.</param>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Parts Split(params ReadOnlySpan<int> sizes) => new(this, sizes);

    private Tensor Forward(Tensor x, Tensor weight, Tensor? bias, Tensor? residual)
    {
        using var running = Running();
        return Ops.Linear(x, weight, bias, residual);
    }

    /// <summary>A layer whose outputs come in parts; made once, not in every step.</summary>
    public sealed class Parts
    {
        private readonly Linear _layer;
        private readonly SpikeLayer[] _parts;

        internal Parts(Linear layer, ReadOnlySpan<int> sizes)
        {
            _layer = layer;
            _parts = new SpikeLayer[sizes.Length];
            int first = 0;
            for (int i = 0; i < sizes.Length; first += sizes[i++])
                _parts[i] = new SpikeLayer(layer.Weight.SliceRows(first, sizes[i]), layer.Bias?.SliceRows(first, sizes[i]));
            if (first != layer.Weight.Rows)
                throw new ArgumentException($"Parts {new Shape(sizes)} do not add up to the outputs of weight {layer.Weight.Shape}.", nameof(sizes));
        }

        private SpikeLayer[] Of(Tensor weight)
        {
            int first = 0;
            return Array.ConvertAll(_parts, part => part with { Weight = weight.SliceRows((first += part.Weight.Rows) - part.Weight.Rows, part.Weight.Rows) });
        }

        /// <summary>[..., inputs] to [..., size] for each part.</summary>
        public Tensor[] Forward(Tensor x) => Array.ConvertAll(_parts, part => _layer.Forward(x, part.Weight, part.Bias, residual: null));

        /// <summary>
        /// The same of integer spikes, which are looked at once for all parts; each is dense or accumulate-only as
        /// <see cref="CrossoverProfile"/> advises.
        /// </summary>
        /// <param name="spikes">[..., inputs], whole numbers from -levels to levels.</param>
        /// <param name="levels">D.</param>
        /// <param name="weight">What stands for the layer's weight, such as a multiple of it; null for itself.</param>
        /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels].</exception>
        public Tensor[] ForwardSpikes(Tensor spikes, int levels, Tensor? weight = null)
        {
            using var running = _layer.Running();
            return Ops.SpikeLinear(spikes, weight is null || weight == _layer.Weight ? _parts : Of(weight), levels);
        }
    }
}
