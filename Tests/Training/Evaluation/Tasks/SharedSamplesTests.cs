using SpikeEngine.Model;
using SpikeEngine.Tests.Model.Text;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

/// <summary>Samples of the real data sets, which are kept apart: every item of every task is read, and the first ones are scored.</summary>
public sealed class SharedSamplesTests : IDisposable
{
    private readonly TinyText _text = new();

    [SharedSamplesTheory]
    [InlineData("hellaswag", 4)]
    [InlineData("piqa", 2)]
    [InlineData("arc_easy", 4)]
    [InlineData("arc_challenge", 4)]
    [InlineData("boolq", 2)]
    [InlineData("winogrande", 2)]
    [InlineData("openbookqa", 4)]
    [InlineData("lambada", 1)]
    [InlineData("blimp", 2)]
    [InlineData("copa", 2)]
    [InlineData("wsc273", 2)]
    [InlineData("tinystories_cloze", 4)]
    [InlineData("wikitext2", 1)]
    public void ItemsAreRead(string task, int requests)
    {
        TaskResult result = ZeroShot.Run(new Mamba2Decoder(_text.Model), _text.Tokenizer, task, SharedSamplesTheoryAttribute.Folder!, limit: 3);
        Assert.Equal(task == "blimp" ? 3 * 67 : 3, result.Items);
        Assert.Equal(requests, result.Samples[0].Requests.Count);
        Assert.All(result.Samples.SelectMany(sample => sample.Requests), asked => Assert.True(asked.LogLikelihood < 0));
    }

    public void Dispose() => _text.Dispose();
}

/// <summary>A test with samples of the real data sets: skipped unless shared/data beside the project has them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedSamplesTheoryAttribute : TheoryAttribute
{
    public SharedSamplesTheoryAttribute()
    {
        if (Folder is null)
            Skip = "needs the samples of the tasks in shared/data beside the project";
    }

    /// <summary>The folder with the samples, where there is one.</summary>
    public static string? Folder { get; } =
        TokenizerVectors.ReferenceFolder is { } reference && Path.Combine(reference, "..", "data") is var data && Directory.Exists(Path.Combine(data, "zeroshot")) ? data : null;
}
