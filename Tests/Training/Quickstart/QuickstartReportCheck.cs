using System.Text.Json;

namespace SpikeEngine.Tests.Training.Quickstart;

/// <summary>
/// Checks the report of a quickstart that ran as a user runs it. SPIKE_QUICKSTART_REPORT names the file; without it there
/// is nothing to check. A one-minute run must show that every part works, not how good a full run gets.
/// </summary>
public class QuickstartReportCheck
{
    private const string Variable = "SPIKE_QUICKSTART_REPORT";

    private static readonly string[] s_modelKeys = ["val_ppl", "bits_per_byte", "cloze_acc", "cloze_se", "decode_tok_s"];

    [ReportFact]
    public void Every_promised_key_is_there_and_finite()
    {
        JsonElement report = Report();
        Number(report, "elapsed_s");
        Number(report, "unigram_ppl");
        foreach (string key in s_modelKeys)
        {
            Number(report.GetProperty("teacher"), key);
            Number(report.GetProperty("student"), key);
        }

        Number(report.GetProperty("student"), "density");
        Number(report.GetProperty("student"), "mean_abs_spike");
        Assert.NotEmpty(report.GetProperty("student").GetProperty("layers").EnumerateArray());
        foreach (string key in new[] { "projections_x", "block_x", "model_x" })
            Number(report.GetProperty("energy"), key);
    }

    [ReportFact]
    public void The_teacher_learned_and_the_student_follows_it()
    {
        JsonElement report = Report();
        double teacher = Number(report.GetProperty("teacher"), "val_ppl"), student = Number(report.GetProperty("student"), "val_ppl");
        double share = IsWholePlan(report) ? 0.25 : 0.5;
        Assert.True(teacher < share * Number(report, "unigram_ppl"), $"teacher perplexity {teacher}");
        Assert.True(student < 1.35 * teacher, $"student perplexity {student}, teacher {teacher}");
        Assert.InRange(Number(report.GetProperty("student"), "density"), 0.01, 0.7);
    }

    [ReportFact]
    public void After_the_whole_plan_the_student_keeps_the_cloze_score_and_decodes_faster()
    {
        JsonElement report = Report();
        if (!IsWholePlan(report))
            return;
        double gap = Number(report.GetProperty("teacher"), "cloze_acc") - Number(report.GetProperty("student"), "cloze_acc");
        Assert.True(gap <= 0.0478, $"cloze gap {gap}");
        Assert.True(Number(report.GetProperty("student"), "decode_tok_s") > Number(report.GetProperty("teacher"), "decode_tok_s"));
    }

    [ReportFact]
    public void The_modelled_energy_benefit_is_that_of_the_paper_or_more() =>
        Assert.True(Number(Report().GetProperty("energy"), "block_x") >= 4.76);

    [ReportFact]
    public void It_kept_its_time()
    {
        JsonElement report = Report();
        double cap = 60 * Number(report.GetProperty("settings"), "minutes");
        Assert.InRange(Number(report, "elapsed_s"), 1, cap + 10);
    }

    /// <summary>Whether training ran as planned, and was not shortened to keep the time.</summary>
    private static bool IsWholePlan(JsonElement report) => new[] { "teacher_training", "student_training" }.All(training =>
        Number(report.GetProperty(training), "done_steps") == Number(report.GetProperty(training), "planned_steps"));

    private static JsonElement Report() =>
        JsonDocument.Parse(File.ReadAllBytes(Environment.GetEnvironmentVariable(Variable)!)).RootElement;

    private static double Number(JsonElement parent, string key)
    {
        Assert.True(parent.TryGetProperty(key, out JsonElement value), $"{key} is missing");
        double number = value.GetDouble();
        Assert.True(double.IsFinite(number), $"{key} is {number}");
        return number;
    }

    /// <summary>A fact that is skipped when no report is named.</summary>
    private sealed class ReportFactAttribute : FactAttribute
    {
        public ReportFactAttribute()
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
                Skip = $"{Variable} names no report; the full check runs a quickstart and sets it.";
        }
    }
}
