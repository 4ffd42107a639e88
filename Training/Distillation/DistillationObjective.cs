using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Distillation;

/// <summary>
/// L = w_kl KL(teacher || student) + w_h mean over blocks of 1/(2T) Σ_t |softmax(y_t) - softmax(y'_t)|² + w_ce CE, where
/// y is what a block's mixer adds to the residual stream (SpikingMamba, section on distillation); the divergence can be reversed or
/// mixed, other states compared, and a penalty on spikes added. Positions without a target count in no term.
/// </summary>
public sealed class DistillationObjective : Objective
{
    private readonly Mamba2LanguageModel _teacher;
    private readonly Mamba2LanguageModel _student;
    private readonly TokenBatches _batches;
    private readonly DistillationOptions _options;
    private readonly ActivityPenalty? _activity;
    private readonly TeacherTopK? _topK;
    private int[] _ids = [];
    private float[] _logProbabilities = [];
    private TokenBatch? _batch;
    private ForwardTrace? _teacherTrace;
    private Tensor? _teacherHidden;
    private SpikeStatistics? _spikes;
    private double _kl, _hidden, _crossEntropy;
    private string? _teacherKey;

    /// <summary>Distils the teacher, which stays as it is, into the student.</summary>
    /// <param name="teacher">The model to learn from.</param>
    /// <param name="student">The model to train.</param>
    /// <param name="batches">What both read.</param>
    /// <param name="options">The terms of the loss.</param>
    /// <param name="topK">What the teacher says of that text, kept on disk, with <see cref="DistillationOptions.TeacherTopK"/>; null runs the teacher.</param>
    /// <exception cref="ArgumentException">The two differ in vocabulary, width or depth, or options do not go together.</exception>
    public DistillationObjective(
        Mamba2LanguageModel teacher, Mamba2LanguageModel student, TokenBatches batches, DistillationOptions options, TeacherTopK? topK = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(options);
        if (teacher.Config with { Spiking = student.Config.Spiking } != student.Config)
            throw new ArgumentException("Teacher and student differ in more than their neurons.", nameof(student));
        _teacher = teacher;
        _student = student;
        _batches = batches;
        options.Validate();
        if (topK is null != options.TeacherTopK is null || topK?.K != options.TeacherTopK)
            throw new ArgumentException($"The options ask for the teacher's {options.TeacherTopK} likeliest tokens, but {topK?.K} are given.", nameof(topK));
        (_options, _topK) = (options, topK);
        if (options.Activity.Target is null)
            return;
        if (student.Config.Spiking is not { Neuron: not NeuronKind.Lif })
            throw new ArgumentException("A target for spikes needs a student with integer neurons.", nameof(options));
        _activity = new ActivityPenalty(options.Activity);
    }

    /// <inheritdoc/>
    public override ParameterStore Parameters => _student.Store;

    /// <inheritdoc/>
    public override int TokensPerBatch => _batches.TokensPerBatch;

    /// <inheritdoc/>
    public override void BeginStep(long step, long steps)
    {
        if (_student.Compensation is { } compensation)
            compensation.Lambda = _options.CompensationAt((double)step / steps);
        _activity?.BeginStep((double)step / steps);
    }

    /// <inheritdoc/>
    public override void Next()
    {
        _batch = _batches.Next();
        if (_topK is not null)
        {
            ReadTopK(_topK, _batch);
            return;
        }

        _teacherTrace = HiddenLosses.Trace(_options);
        _teacherHidden = _teacher.Hidden(_batch.Inputs, _batch.BatchSize, _teacherTrace, _batch.Starts);
    }

    /// <inheritdoc/>
    public override Tensor Loss()
    {
        if (_batch is null || (_topK is null && _teacherHidden is null))
            throw new InvalidOperationException("Next runs before Loss.");
        _spikes = _student.Config.NewStatistics();
        ForwardTrace trace = HiddenLosses.Trace(_options, keepsNeuronInputs: _activity is not null, _spikes);
        Tensor states = _student.Hidden(_batch.Inputs, _batch.BatchSize, trace, _batch.Starts);
        LogitLoss logits = _topK is null
            ? Ops.LinearDistillation(states, _student.LmHead, _teacherHidden!, _teacher.LmHead, _batch.Targets, _options.Logits)
            : Ops.LinearTopKDistillation(states, _student.LmHead, _ids, _logProbabilities, _batch.Targets, _options.Logits);
        Tensor loss = logits.Loss;
        (_kl, _hidden, _crossEntropy) = (logits.KL, 0, logits.CrossEntropy);
        if (_options.HiddenWeight != 0f)
        {
            Tensor hidden = HiddenLosses.Mean(_options.Hidden, trace, _student, _teacherTrace!, _teacher, _batch.Counted());
            loss = Ops.Add(loss, Ops.Scale(hidden, _options.HiddenWeight));
            _hidden = hidden.Item();
        }

        return _activity?.Of(trace.NeuronInputs) is { } penalty ? Ops.Add(loss, penalty) : loss;
    }

    /// <summary>The terms of the loss, without their weights, and the share of the student's neurons that spike.</summary>
    /// <param name="metrics">Takes them.</param>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        metrics.Add("loss_kl", _kl);
        if (_options.HiddenWeight != 0f)
            metrics.Add("loss_hidden", _hidden);
        if (_options.CrossEntropyWeight != 0f)
            metrics.Add("loss_cross_entropy", _crossEntropy);
        if (_activity is not null)
        {
            metrics.Add("loss_activity", _activity.Loss);
            metrics.Add("activity", _activity.Rate);
            metrics.Add("activity_target", _activity.Target);
            metrics.Add("activity_weight", _activity.Weight);
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
        _activity?.Visit(state.In("activity"));
    }

    private void ReadTopK(TeacherTopK topK, TokenBatch batch)
    {
        int length = batch.Inputs.Length / batch.BatchSize * topK.K;
        if (_ids.Length != batch.BatchSize * length)
            (_ids, _logProbabilities) = (new int[batch.BatchSize * length], new float[batch.BatchSize * length]);
        for (int sequence = 0; sequence < batch.BatchSize; sequence++)
            topK.Read(batch.Positions[sequence], _ids.AsSpan(sequence * length, length), _logProbabilities.AsSpan(sequence * length, length));
    }
}
