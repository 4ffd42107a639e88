using System.Buffers;
using System.Text;
using System.Text.Json;
using SpikeEngine.Training;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>Progress of a run as JSON lines, one for each event; the last one is <c>finished</c> or <c>stopped</c>.</summary>
internal sealed class RunJsonProgress(TextWriter output) : IRunObserver
{
    public void Started(string stage) => Write("stage_started", json => json.WriteString("stage", stage));

    public void Progressed(string stage, double share)
    {
    }

    public void Finished(string stage, TimeSpan elapsed, string result) => Write("stage_finished", json =>
    {
        json.WriteString("stage", stage);
        json.WriteNumber("elapsed_s", elapsed.TotalSeconds);
        json.WriteString("result", result);
    });

    public void Note(string message) => Write("note", json => json.WriteString("message", message));

    public void Stepped(TrainingProgress progress) => Write("step", json =>
    {
        json.WriteNumber("step", progress.Step);
        json.WriteNumber("total_steps", progress.TotalSteps);
        Number(json, MetricColumns.Loss, progress.Loss);
        Number(json, MetricColumns.SmoothedLoss, progress.SmoothedLoss);
        Number(json, MetricColumns.LearningRate, progress.LearningRate);
        Number(json, MetricColumns.GradientNorm, progress.GradientNorm);
        json.WriteNumber(progress.Unit, progress.Tokens);
        Number(json, MetricColumns.PerSecond(progress.Unit), progress.TokensPerSecond);
        Number(json, MetricColumns.Elapsed, progress.Elapsed.TotalSeconds);
        Number(json, "remaining_s", progress.Remaining.TotalSeconds);
        json.WriteNumber(MetricColumns.Skipped, progress.SkippedSteps);
        foreach ((string name, double value) in progress.Metrics)
            Number(json, name, value);
    });

    public void Validated(ValidationResult validation) => Write("validation", json =>
    {
        json.WriteNumber("step", validation.Step);
        foreach ((string name, double value) in validation.Metrics)
            Number(json, name, value);
    });

    public void Saved(SavedCheckpoint checkpoint) => Write("checkpoint", json =>
    {
        json.WriteNumber("step", checkpoint.Step);
        json.WriteString("folder", checkpoint.Folder);
        json.WriteNumber("bytes", checkpoint.Bytes);
    });

    public void Resumed(ResumedRun run) => Write("resumed", json =>
    {
        json.WriteNumber("step", run.Step);
        json.WriteString("folder", run.Folder);
        json.WriteStartArray("damaged");
        foreach (string damaged in run.Damaged)
            json.WriteStringValue(damaged);
        json.WriteEndArray();
    });

    /// <summary>The last line.</summary>
    public void Ended(RunResult result) => Write(result.Training.Interrupted ? "stopped" : "finished", json =>
    {
        json.WriteNumber("steps", result.Training.Steps);
        json.WriteNumber("total_steps", result.TotalSteps);
        json.WriteNumber(result.Unit, result.Training.Tokens);
        Number(json, MetricColumns.SmoothedLoss, result.Training.FinalLoss);
        json.WriteNumber(MetricColumns.Skipped, result.Training.SkippedSteps);
        Number(json, MetricColumns.Elapsed, result.Training.Elapsed.TotalSeconds);
        foreach ((string name, double value) in result.Validation)
            Number(json, name, value);
        json.WriteString("model", result.ModelFolder);
        json.WriteString("checkpoint", result.Checkpoint);
    });

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private void Write(string name, Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            members(json);
            json.WriteEndObject();
        }

        lock (output)
        {
            output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
            output.Flush();
        }
    }
}
