using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Distillation;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>Settings of distillation and alignment: what arrives, what is refused, and what a whole run tells.</summary>
[Collection(Lanes.Name)]
public sealed class DistillAndAlignTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_term_of_a_distillation_can_be_set()
    {
        DistillationOptions loss = TinyConfigs.Distill(
            _folder, "t", "distillation.activity_target=0.3", "distillation.activity_weight=2", "distillation.activity_ramp_share=0.25", "distillation.activity_measure=inputs", "distillation.hidden_layers=last",
            "distillation.hidden_point=post_norm", "distillation.hidden_form=mse", "distillation.reverse_kl_share=0.4", "distillation.temperature=2").Distillation.Loss;
        Assert.Equal(new ActivityOptions { Target = 0.3, Weight = 2, RampShare = 0.25, Measure = ActivityMeasure.Inputs }, loss.Activity);
        Assert.Equal(new HiddenOptions { LastOnly = true, Point = HiddenPoint.PostNorm, Form = HiddenForm.Mse }, loss.Hidden);
        Assert.Equal((0.4f, 2f, null), (loss.ReverseShare, loss.Temperature, loss.TeacherTopK));
    }

    [Fact]
    public void What_is_not_set_stays_the_papers_distillation() =>
        Assert.Equal(new DistillationOptions(), TinyConfigs.Distill(_folder, "t").Distillation.Loss);

    [Theory]
    [InlineData("distillation.activity_target=0", "'distillation.activity_target' is 0")]
    [InlineData("distillation.activity_target=1", "'distillation.activity_target' is 1")]
    [InlineData("distillation.activity_weight=0", "'distillation.activity_weight' is 0")]
    [InlineData("distillation.activity_ramp_share=1.5", "'distillation.activity_ramp_share' is 1.5")]
    [InlineData("distillation.hidden_layers=first", "'distillation.hidden_layers' is \"first\"; it must be \"all\" or \"last\"")]
    [InlineData("distillation.hidden_point=norm", "it must be \"mixer\" or \"pre_norm\" or \"post_norm\"")]
    [InlineData("distillation.hidden_form=l1", "it must be \"softmax\" or \"mse\"")]
    [InlineData("distillation.reverse_kl_share=1.1", "'distillation.reverse_kl_share' is 1.1")]
    [InlineData("distillation.temperature=0", "'distillation.temperature' is 0")]
    [InlineData("distillation.teacher_top_k=0", "'distillation.teacher_top_k' is 0")]
    [InlineData("distillation.teacher_top_k=8", "'distillation.teacher_top_k' 8 contradicts 'distillation.hidden_weight' 1")]
    [InlineData("distillation.teacher_top_k=8 distillation.hidden_weight=0 distillation.reverse_kl_share=0.5", "contradicts 'distillation.reverse_kl_share' 0.5")]
    [InlineData("distillation.teacher_top_k=8 distillation.hidden_weight=0 distillation.temperature=2", "contradicts 'distillation.temperature' 2")]
    [InlineData("distillation.compensation=0.25 distillation.neuron=lif", "'distillation.compensation' 0.25 contradicts 'distillation.neuron' lif")]
    [InlineData("distillation.activity_measure=neurons", "it must be \"operations\" or \"inputs\"")]
    [InlineData("distillation.surrogate=tanh", "it must be \"usual\" or \"rectangular\"")]
    [InlineData("distillation.activity_target=0.2 distillation.neuron=lif", "'distillation.activity_target' 0.2 contradicts 'distillation.neuron' lif")]
    [InlineData(
        "distillation.activity_target=0.2 distillation.hidden_weight=0 training.activation_checkpointing=true",
        "'training.activation_checkpointing' true contradicts 'distillation.activity_target' 0.2")]
    public void A_term_that_cannot_be_is_refused(string set, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => TinyConfigs.Distill(_folder, "t", set.Split(' '))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("-0.1")]
    public void A_beta_that_is_not_positive_is_refused(string beta)
    {
        foreach (string method in new[] { AlignmentSettings.Dpo, AlignmentSettings.Kto })
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(
                () => TinyConfigs.Align(_folder, "m", $"alignment.method={method}", $"alignment.beta={beta}"));
            Assert.Contains($"'alignment.beta' is {beta}; it must be a number above 0", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("distillation.activity_target=0.2", "activity_target")]
    [InlineData("distillation.teacher_top_k=9 distillation.hidden_weight=0", "loss_kl")]
    public void A_run_writes_the_terms_of_each_step(string set, string metric)
    {
        DistillRun.Run(
            TinyConfigs.Distill(_folder, Teacher(), set.Split(' ')), _folder.File("student"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default);
        Assert.All(MetricsLog.Read(Path.Combine(_folder.File("student"), MetricsFiles.JsonFile)).Lines, line => Assert.True(double.IsFinite(line[metric])));
    }

    [Fact]
    public void More_tokens_than_the_teacher_has_are_refused_before_there_is_a_folder()
    {
        RunConfig config = TinyConfigs.Distill(_folder, Teacher(), "distillation.teacher_top_k=9999", "distillation.hidden_weight=0");
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => DistillRun.Run(config, _folder.File("student"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default));
        Assert.Contains("'distillation.teacher_top_k' is 9999; the vocabulary", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("student")));
    }

    /// <summary>With a learning rate at which nothing moves, and once only.</summary>
    [Fact]
    public void A_run_that_stays_at_its_reference_is_told_of_once()
    {
        RunConfig config = TinyConfigs.Align(
            _folder, Teacher(), "alignment.method=dpo", "optimizer.learning_rate=1e-12", $"training.steps={PreferenceObjective.StillBatches + 5}",
            "training.evaluate_every=null", "training.checkpoint_every=null");
        RecordingRun seen = new();
        AlignRun.Run(config, _folder.File("aligned"), ExistingRun.Refuse, seen, default);
        Assert.Contains("ln 2 = 0.6931", Assert.Single(seen.Notes), StringComparison.Ordinal);
        Assert.All(
            MetricsLog.Read(Path.Combine(_folder.File("aligned"), MetricsFiles.JsonFile)).Lines,
            line => Assert.Equal((DpoLoss.AtReference, 0.0), (line["loss"], line["reward_margin"]), new Near()));
    }

    private string Teacher() =>
        TrainRun.Run(TinyConfigs.Train(_folder), _folder.File("teacher"), ExistingRun.Refuse, RunFormats.BuiltIn, new RecordingRun(), default).ModelFolder!;

    private sealed class Near : IEqualityComparer<(double Loss, double Margin)>
    {
        public bool Equals((double Loss, double Margin) x, (double Loss, double Margin) y) =>
            Math.Abs(x.Loss - y.Loss) < 1e-5 && Math.Abs(x.Margin - y.Margin) < 1e-5;

        public int GetHashCode((double Loss, double Margin) obj) => 0;
    }
}
