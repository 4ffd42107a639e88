using SpikeEngine.Cli;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike reproduce</c>: what is wrong is said before anything is begun.</summary>
public sealed class ReproduceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--budget", "0", 2, "--budget is '0'; it must be a number of minutes above 0")]
    [InlineData("--budget", "abc", 2, "--budget is 'abc'; it must be a number of minutes above 0")]
    [InlineData("--seeds", "0", 2, "--seeds")]
    [InlineData("--data", "nowhere.txt", 1, "nowhere.txt")]
    [InlineData("--tasks", "no-folder", 1, "--tasks no-folder does not exist")]
    [InlineData("--preferences", "no-pairs.jsonl", 1, "no-pairs.jsonl")]
    [InlineData("--teacher", "no-model", 1, "no-model")]
    public async Task AMistakeIsNamedAndNothingIsBegun(string option, string value, int expected, string words)
    {
        string study = _folder.File("study"), text = _folder.Write("text.txt", "One text.<|endoftext|>Another.");
        string[] data = option == "--data" ? [] : ["--data", text];
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(["reproduce", "--out", study, .. data, option, value], () => TextReader.Null, output, error);
        Assert.Equal(expected, code);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(study));
    }
}
