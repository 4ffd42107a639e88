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
    public Tensor ForwardSpikes(Tensor spikes, int levels, Tensor? residual = null)
    {
        using var running = Running();
        return Ops.SpikeLinear(spikes, Weight, Bias, residual, levels);
    }

    /// <summary>Some of the outputs only: rows [first, first + count) of the weight. Splits a projection without copying its result.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    public Part Rows(int first, int count) => new(this, Weight.SliceRows(first, count), Bias?.SliceRows(first, count));

    private Tensor Forward(Tensor x, Tensor weight, Tensor? bias, Tensor? residual)
    {
        using var running = Running();
        return Ops.Linear(x, weight, bias, residual);
    }

    /// <summary>Some of the outputs of a layer; made once, not in every step.</summary>
    public sealed class Part
    {
        private readonly Linear _layer;
        private readonly Tensor _weight;
        private readonly Tensor? _bias;

        internal Part(Linear layer, Tensor weight, Tensor? bias) => (_layer, _weight, _bias) = (layer, weight, bias);

        /// <summary>[..., inputs] to [..., count].</summary>
        public Tensor Forward(Tensor x) => _layer.Forward(x, _weight, _bias, residual: null);

        /// <inheritdoc cref="Linear.ForwardSpikes"/>
        public Tensor ForwardSpikes(Tensor spikes, int levels)
        {
            using var running = _layer.Running();
            return Ops.SpikeLinear(spikes, _weight, _bias, levels: levels);
        }
    }
}
