using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Vision;

/// <summary>Mean cross-entropy of the classes of images, by one of the ways to train.</summary>
/// <param name="network">The network to train.</param>
/// <param name="batches">What it sees.</param>
/// <param name="method">How.</param>
/// <param name="unit">Of SNN2ANN: how counts are put into the place of activations.</param>
/// <param name="surrogate">Of back-propagation through time: the slope of a spike.</param>
public sealed class ImageObjective(
    ImageNetwork network, ImageBatches batches, ImageMethod method, MappingUnit unit = MappingUnit.Resu, Surrogate surrogate = Surrogate.Arctan) : Objective
{
    private ImageBatch? _batch;
    private IReadOnlyList<Tensor> _counts = [];
    private float _noise;
    private double _accuracy;

    /// <inheritdoc/>
    public override ParameterStore Parameters => network.Store;

    /// <summary>Images of a micro-batch, which is what stands for tokens here.</summary>
    public override int TokensPerBatch => batches.ImagesPerBatch;

    /// <inheritdoc/>
    public override string Unit => "images";

    /// <summary>The next batch; of SNN2ANN the spiking branch runs here, which needs no gradient.</summary>
    public override void Next()
    {
        _batch = batches.Next();
        _counts = method == ImageMethod.Snn2Ann ? network.CountSpikes(_batch.Images, training: true) : [];
    }

    /// <inheritdoc/>
    public override Tensor Loss()
    {
        ImageBatch batch = _batch ?? throw new InvalidOperationException("Next runs before Loss.");
        Tensor logits = method switch
        {
            ImageMethod.Ann => network.Forward(batch.Images),
            ImageMethod.Snn2Ann => network.ForwardMapped(batch.Images, _counts, unit, out _noise),
            _ => network.ForwardSteps(batch.Images, surrogate),
        };
        _accuracy = (double)ImageEvaluation.Right(logits, batch.Labels.Span) / batch.Labels.Length;
        return Ops.CrossEntropy(logits, batch.Labels);
    }

    /// <inheritdoc/>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        metrics.Add("accuracy", 100 * _accuracy);
        if (method != ImageMethod.Snn2Ann)
            return;
        metrics.Add(MetricNames.SpikeRate, SpikeRates.Of(_counts, network.Config.TimeSteps).Mean);
        metrics.Add("noise", _noise);
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("method", ImageMethods.All.NameOf(method));
        state.Same("unit", unit.ToString());
        state.Same("surrogate", surrogate.ToString());
        batches.Visit(state.In("batches"));
        long position = (long)network.Random.Position;
        state.Number("dropout", ref position);
        network.Random.Position = (ulong)position;
    }
}
