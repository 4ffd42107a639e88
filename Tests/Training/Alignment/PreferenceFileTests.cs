using SpikeEngine.Training.Alignment;

namespace SpikeEngine.Tests.Training.Alignment;

public sealed class PreferenceFileTests : IDisposable
{
    private const string Pair = """{"id": 7, "prompt": "Say é.", "chosen": " é", "rejected": " e"}""";
    private const string Labelled = """{"prompt": "p", "completion": " c", "label": true}""";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void PairsAreReadPastBlankLinesWindowsEndsAMarkAndOtherFields()
    {
        string path = Write($"\uFEFF{Pair}\r\n\r\n{Pair.Replace("Say", "Tell", StringComparison.Ordinal)}");
        Assert.Equal(
            [new PreferenceText("Say é.", " é", " e"), new PreferenceText("Tell é.", " é", " e")],
            PreferenceFile.ReadPairs(path, CancellationToken.None));
    }

    [Fact]
    public void LabelledRowsAndPairsGiveLabelledTexts()
    {
        string path = Write(Labelled + "\n" + Labelled.Replace("true", "false", StringComparison.Ordinal) + "\n" + Pair + "\n");
        Assert.Equal(
            [new LabelledText("p", " c", true), new LabelledText("p", " c", false), new LabelledText("Say é.", " é", true), new LabelledText("Say é.", " e", false)],
            PreferenceFile.ReadLabelled(path, CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"chosen": "a", "rejected": "b"}""", "field 'prompt' is missing")]
    [InlineData("""{"prompt": "p", "chosen": "a"}""", "field 'rejected' is missing")]
    [InlineData("""{"prompt": "p", "chosen": null, "rejected": "b"}""", "field 'chosen' is null, expected text")]
    [InlineData("""{"prompt": "p", "chosen": 3, "rejected": "b"}""", "field 'chosen' is 3, expected text")]
    [InlineData("""{"prompt": "p", "chosen": [{"role": "user"}], "rejected": "b"}""", "field 'chosen' is a list, expected text")]
    [InlineData("""{"prompt": "", "chosen": "a", "rejected": "b"}""", "field 'prompt' is empty")]
    [InlineData("""{"prompt": "p", "chosen": "\ud800", "rejected": "b"}""", "field 'chosen' is not Unicode text")]
    [InlineData("""{"prompt": "p", "completion": "c", "label": true}""", "field 'chosen' is missing; with 'completion' this is data for KTO")]
    [InlineData("""{"prompt": "p", "chosen": "a" """, "not valid JSON")]
    [InlineData("""["prompt"]""", "not a JSON object")]
    public void APairThatIsWrongIsNamed(string line, string offence) => AssertRefused(
        () => PreferenceFile.ReadPairs(Write($"{Pair}\n\n{line}\n{Pair}\n"), CancellationToken.None), offence);

    [Theory]
    [InlineData("""{"prompt": "p", "completion": "c"}""", "field 'label' is missing")]
    [InlineData("""{"prompt": "p", "label": true}""", "field 'completion' is missing")]
    [InlineData("""{"prompt": "p", "completion": "c", "label": 1}""", "field 'label' is 1, expected true or false")]
    [InlineData("""{"prompt": "p", "completion": "c", "label": "true"}""", "field 'label' is \"true\", expected true or false")]
    public void ALabelledRowThatIsWrongIsNamed(string line, string offence) => AssertRefused(
        () => PreferenceFile.ReadLabelled(Write($"{Labelled}\n\n{line}\n"), CancellationToken.None), offence);

    [Fact]
    public void AnotherEncodingNoExamplesAndNoFileAreRefused()
    {
        string latin = _folder.Write("latin.jsonl", [.. System.Text.Encoding.UTF8.GetBytes(Pair + "\n\n"), 0x22, 0xE9, 0x22]);
        AssertRefused(() => PreferenceFile.ReadPairs(latin, CancellationToken.None), "not valid UTF-8");
        Assert.Contains("has no examples", Assert.Throws<InvalidDataException>(() => PreferenceFile.ReadPairs(Write(" \n\n"), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => PreferenceFile.ReadPairs(_folder.File("none.jsonl"), CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(Action read, string offence)
    {
        string message = Assert.Throws<InvalidDataException>(read).Message;
        Assert.Contains(".jsonl, line 3", message, StringComparison.Ordinal);
        Assert.Contains(offence, message, StringComparison.Ordinal);
    }

    private string Write(string text) => _folder.Write("data.jsonl", text);
}
