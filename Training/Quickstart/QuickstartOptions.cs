using SpikeEngine.Model;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Tokenization;
using static SpikeEngine.Training.OptionCheck;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Every setting of a quickstart. The defaults are chosen to end within five minutes on two cores.</summary>
public sealed record QuickstartOptions
{
    /// <summary>Cap on the whole run's time. Steps are a plan, and cut only when this would be exceeded.</summary>
    public double Minutes { get; init; } = 4.5;

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The text to learn; without any, the documentation that the .NET SDK carries.</summary>
    public IReadOnlyList<string> TextFiles { get; init; } = [];

    /// <summary>Where the models and the report go.</summary>
    public string OutputFolder { get; init; } = "spike-quickstart";

    /// <summary>Longest training text; of a longer one, lines are taken evenly.</summary>
    public long MostTrainBytes { get; init; } = 24_000_000;

    /// <summary>Longest validation text; of a longer one, lines are taken evenly.</summary>
    public long MostValidationBytes { get; init; } = 240_000;

    /// <summary>Tokens to learn.</summary>
    public int VocabSize { get; init; } = BytePairTrainer.DefaultVocabSize;

    /// <summary>Width of the residual stream.</summary>
    public int DModel { get; init; } = 256;

    /// <summary>Blocks.</summary>
    public int LayerCount { get; init; } = 4;

    /// <summary>State per channel.</summary>
    public int DState { get; init; } = 16;

    /// <summary>Channels per head.</summary>
    public int HeadDim { get; init; } = 32;

    /// <summary>Tokens per chunk of the scan.</summary>
    public int ChunkSize { get; init; } = 32;

    /// <summary>Sequences in a training step.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Tokens in a training sequence.</summary>
    public int SequenceLength { get; init; } = 128;

    /// <summary>Planned steps of the teacher.</summary>
    public int TeacherSteps { get; init; } = 480;

    /// <summary>Peak learning rate of the teacher.</summary>
    public float TeacherLearningRate { get; init; } = 3e-3f;

    /// <summary>Weight decay of the teacher's matrices.</summary>
    public float TeacherWeightDecay { get; init; } = 0.1f;

    /// <summary>The teacher's share of the time for training, used only when the plan does not fit.</summary>
    public double TeacherShare { get; init; } = 0.55;

    /// <summary>Planned steps of the student.</summary>
    public int StudentSteps { get; init; } = 300;

    /// <summary>Peak learning rate of the student.</summary>
    public float StudentLearningRate { get; init; } = 2e-3f;

    /// <summary>Weight decay of the student's matrices; it starts from trained weights, which decay would pull away.</summary>
    public float StudentWeightDecay { get; init; }

    /// <summary>The student's neurons.</summary>
    public SpikingConfig Spiking { get; init; } = new() { Levels = 4, Threshold = 1f, Alpha = 1f };

    /// <summary>Terms of the distillation loss; smoothed gradient compensation is the value-preserving one.</summary>
    public DistillationOptions Distillation { get; init; } = new() { HiddenWeight = 1f, CrossEntropyWeight = 0f, Compensation = 0.25f };

    /// <summary>Tokens in a window of the perplexity.</summary>
    public int EvaluationWindow { get; init; } = 256;

    /// <summary>Items of the cloze test; fewer when the text does not have as many.</summary>
    public int ClozeItems { get; init; } = 600;

    /// <summary>Tokens in a round of the decoding measurement.</summary>
    public int DecodeTokens { get; init; } = 300;

    /// <summary>Rounds of the decoding measurement.</summary>
    public int DecodeRounds { get; init; } = 15;

    /// <summary>Tokens of the text samples.</summary>
    public int SampleTokens { get; init; } = 60;

    /// <summary>How the samples are drawn; the seed is <see cref="Seed"/>.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0.8f, TopK = 40 };

    /// <summary>Energy of an operation.</summary>
    public EnergyConstants Energy { get; init; } = new();

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        Require(Minutes > 0 && Minutes <= 1440, nameof(Minutes), Minutes, "above 0 and at most 1440");
        Require(!string.IsNullOrWhiteSpace(OutputFolder), nameof(OutputFolder), "empty", "a folder");
        Require(VocabSize >= BytePairTrainer.MinimumVocabSize, nameof(VocabSize), VocabSize, $"at least {BytePairTrainer.MinimumVocabSize}");
        Require(MostTrainBytes > 0, nameof(MostTrainBytes), MostTrainBytes, "positive");
        Require(MostValidationBytes > 0, nameof(MostValidationBytes), MostValidationBytes, "positive");
        Require(TeacherShare is > 0 and < 1, nameof(TeacherShare), TeacherShare, "between 0 and 1");
        Require(
            Distillation.Compensation >= 0 && float.IsFinite(Distillation.Compensation), nameof(Distillation.Compensation), Distillation.Compensation, "0 or positive");
        Require(EvaluationWindow > 0, nameof(EvaluationWindow), EvaluationWindow, "positive");
        Require(ClozeItems > 1, nameof(ClozeItems), ClozeItems, "at least 2");
        Require(DecodeTokens > 0, nameof(DecodeTokens), DecodeTokens, "positive");
        Require(DecodeRounds > 0, nameof(DecodeRounds), DecodeRounds, "positive");
        Require(SampleTokens > 0, nameof(SampleTokens), SampleTokens, "positive");
        Config(VocabSize).Validate();
        Spiking.Validate();
        Sampling.Validate();
        TeacherTraining().Validate();
        StudentTraining().Validate();
    }

    internal Mamba2Config Config(int vocabSize) => new()
    {
        VocabSize = vocabSize,
        DModel = DModel,
        LayerCount = LayerCount,
        DState = DState,
        HeadDim = HeadDim,
        ChunkSize = ChunkSize,
    };

    internal TrainingPlan TeacherTraining() => Training(TeacherSteps, TeacherLearningRate, TeacherWeightDecay, Seed);

    // Another seed, so that the student does not read the text in the order that made its teacher.
    internal TrainingPlan StudentTraining() => Training(StudentSteps, StudentLearningRate, StudentWeightDecay, Seed + 1);

    private TrainingPlan Training(int steps, float rate, float decay, ulong seed) => new()
    {
        Steps = steps,
        BatchSize = BatchSize,
        SequenceLength = SequenceLength,
        LearningRate = rate,
        WeightDecay = decay,
        Seed = seed,
    };
}
