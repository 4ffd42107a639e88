using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Distillation.Spad;

/// <summary>
/// Spike-aware alignment distillation (BiSpikCLM, SpAD): L = 0.2 EA + 0.1 SAA + 0.1 SFA + 0.3 STA + 0.3 HTA, from a frozen dense teacher to a spiking student.
/// Every term's value is reported, and from time to time the norm of its gradient.
/// </summary>
public sealed class SpadObjective : Objective
{
    private static readonly (SpadTerm Term, string Name)[] s_names =
    [
        (SpadTerm.Embedding, "ea"), (SpadTerm.Attention, "saa"), (SpadTerm.Features, "sfa"), (SpadTerm.SoftTargets, "sta"), (SpadTerm.HardTargets, "hta"),
    ];

    private readonly OptLanguageModel _teacher;
    private readonly OptLanguageModel _student;
    private readonly TokenBatches _batches;
    private readonly SpadOptions _options;
    private readonly SpadProjections _projections;
    private readonly Dictionary<SpadTerm, double> _values = [];
    private readonly Dictionary<SpadTerm, double> _norms = [];
    private TokenBatch? _batch;
    private SpadTeacher? _seen;
    private SpikeStatistics? _spikes;
    private string? _teacherKey;
    private bool _measuresNorms;

    /// <summary>Distils a student.</summary>
    /// <param name="teacher">The dense teacher.</param>
    /// <param name="student">The student; projections of the training are added to its parameters.</param>
    /// <param name="batches">What both read.</param>
    /// <param name="options">Weights of the terms.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the models do not go together.</exception>
    public SpadObjective(OptLanguageModel teacher, OptLanguageModel student, TokenBatches batches, SpadOptions options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (teacher.Config.IsSpiking || student.Config.Spiking is null)
            throw new ArgumentException("A spiking student is distilled from a dense teacher.", nameof(student));
        (_teacher, _student, _batches, _options) = (teacher, student, batches, options);
        _projections = new SpadProjections(student, teacher.Config);
    }

    /// <inheritdoc/>
    public override ParameterStore Parameters => _student.Store;

    /// <inheritdoc/>
    public override int TokensPerBatch => _batches.TokensPerBatch;

    /// <inheritdoc/>
    public override void BeginStep(long step, long steps) => _measuresNorms = _options.GradientNormsEvery > 0 && step % _options.GradientNormsEvery == 0;

    /// <inheritdoc/>
    public override void Next()
    {
        _batch = _batches.Next();
        _seen = new SpadTeacher(_teacher, _student.Config, _batch, _options);
        _norms.Clear();
        if (_measuresNorms)
            MeasureNorms();
        _measuresNorms = false;   // in the first micro-batch of a step, whose gradients are still zero
    }

    /// <inheritdoc/>
    public override Tensor Loss() => Loss(_options);

    /// <inheritdoc/>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        foreach ((SpadTerm term, string name) in s_names)
        {
            if (_values.TryGetValue(term, out double value))
                metrics.Add("loss_" + name, value);
        }

        foreach ((SpadTerm term, string name) in s_names)
        {
            if (_norms.TryGetValue(term, out double norm))
                metrics.Add("grad_norm_" + name, norm);
        }

        if (_spikes is not null)
            metrics.Add(MetricNames.SpikeRate, _spikes.Total.Density);
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("teacher", _teacherKey ??= TeacherKey.Of(_teacher));
        _batches.Visit(state);
    }

    /// <summary>The norm of each weighted term's gradient, in passes of their own.</summary>
    private void MeasureNorms()
    {
        foreach (SpadTerm term in Enum.GetValues<SpadTerm>().Where(term => _options[term] != 0f))
        {
            using (Workspace.OpenRegion())
            using (Tape tape = Tape.Begin())
                tape.Backward(Loss(_options.Only(term)));
            _norms[term] = GradientClipping.GlobalNorm(Parameters);
            Parameters.ZeroGrad();
        }
    }

    private Tensor Loss(SpadOptions weights)
    {
        TokenBatch batch = _batch ?? throw new InvalidOperationException("Next runs before Loss.");
        _values.Clear();
        _spikes = _student.Config.NewStatistics();
        ForwardTrace trace = new()
        {
            KeepsBlockOutputs = false, KeepsAttentionMaps = weights.Attention != 0f, KeepsResiduals = weights.Features != 0f, KeepsEmbedding = true, Spikes = _spikes,
        };
        Tensor hidden = _student.Hidden(batch.Inputs, batch.BatchSize, trace, batch.Starts);
        Tensor? loss = null;
        if (weights.SoftTargets != 0f || weights.HardTargets != 0f)
        {
            LogitLoss logits = Ops.LinearDistillation(hidden, _student.LmHead, _seen!.Hidden, _teacher.LmHead, batch.Targets, new LogitWeights
            {
                KL = weights.SoftTargets, CrossEntropy = weights.HardTargets, Temperature = weights.Temperature,
            });
            loss = logits.Loss;
            if (weights.SoftTargets != 0f)
                _values[SpadTerm.SoftTargets] = logits.KL;
            if (weights.HardTargets != 0f)
                _values[SpadTerm.HardTargets] = logits.CrossEntropy;
        }

        Add(SpadTerm.Embedding, () => Ops.Mse(_projections.Embedding(trace.Embedding!), _seen!.Embedding));
        Add(SpadTerm.Attention, () => MeanOverLayers(layer => Error(trace.AttentionMaps[layer], _seen!.Map(layer))));
        Add(SpadTerm.Features, () => MeanOverLayers(layer => Error(_projections.Features(layer, trace.Residuals[layer]), _seen!.Features(layer))));
        return loss!;

        void Add(SpadTerm term, Func<Tensor> make)
        {
            if (weights[term] == 0f)
                return;
            Tensor value = make();
            _values[term] = value.Item();
            value = Ops.Scale(value, weights[term]);
            loss = loss is null ? value : Ops.Add(loss, value);
        }
    }

    /// <summary>γ Rate-MSE + (1 - γ) MSE.</summary>
    private Tensor Error(Tensor student, (Tensor Values, Tensor? Rates) teacher)
    {
        float share = _options.RateShare;
        if (teacher.Rates is null || share == 0f)
            return Ops.Mse(student, teacher.Values);
        Tensor rates = Ops.Mse(student, teacher.Rates);
        return share == 1f ? rates : Ops.Add(Ops.Scale(rates, share), Ops.Scale(Ops.Mse(student, teacher.Values), 1f - share));
    }

    private Tensor MeanOverLayers(Func<int, Tensor> error)
    {
        int layers = _student.Config.LayerCount;
        Tensor sum = error(0);
        for (int layer = 1; layer < layers; layer++)
            sum = Ops.Add(sum, error(layer));
        return Ops.Scale(sum, 1f / layers);
    }
}
