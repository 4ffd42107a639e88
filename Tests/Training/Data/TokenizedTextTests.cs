using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Tests.Training.Data;

public sealed class TokenizedTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_line_is_there_in_order_and_ends_with_end_of_text()
    {
        string[] lines = [.. Enumerable.Range(0, 2000).Select(i => $"Line é {i}")];
        Tokenizer tokenizer = Trained(lines);
        TokenizedText text = TokenizedText.Encode(tokenizer, lines);

        Assert.Equal(lines.SelectMany(l => tokenizer.Encode(l).Append(0)), text.Ids);
        Assert.Equal(2000, text.LineCount);
        Assert.Equal(lines.Sum(l => l.Length + 1), text.Utf8Bytes);
        Assert.Equal((double)text.Utf8Bytes / text.Ids.Length, text.BytesPerToken);
    }

    [Fact]
    public void No_lines_are_no_ids() => Assert.Empty(TokenizedText.Encode(Trained([]), []).Ids);

    private Tokenizer Trained(string[] lines)
    {
        string path = Path.Combine(_folder.Path, "tokenizer.json");
        BytePairTrainer.Train(lines, 300).Save(path);
        return Tokenizer.Load(path);
    }
}
