using System.Text;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Training.Vision;

public sealed class DigitLinesTests : IDisposable
{
    private static readonly string s_pixels = string.Join(',', Enumerable.Range(0, 64).Select(i => i % 17));

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a.tra")]
    [InlineData("a.tes")]
    [InlineData("a.CSV")]
    [InlineData("a.tra.gz")]
    public void Lines_are_images(string name)
    {
        byte[] content = Encoding.UTF8.GetBytes($"{s_pixels},7\r\n\n {s_pixels}, 0");
        string path = _folder.Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? ImageFixtures.Packed(content) : content);
        ImageSet set = ImageFiles.Read(path);
        Assert.Equal((2, 1, 8, 8, 10, 16f), (set.Count, set.Channels, set.Height, set.Width, set.Classes, set.FullScale));
        Assert.Equal([7, 0], set.Labels.ToArray());
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (byte)(i % 17)), set.Image(1).ToArray());
    }

    [Fact]
    public void Names_of_columns_may_come_first()
    {
        string names = string.Join(',', Enumerable.Range(1, 64).Select(i => $"Block {i}")) + ",Class\n";
        Assert.Equal(1, Read('\uFEFF' + names + s_pixels + ",7").Count);
        AssertRefused(s_pixels + ",7\n" + names, "line 2: number 1 is \"Block 1\"");
        AssertRefused("Block 1,Class\n" + s_pixels + ",7", "line 1: there are 2 numbers");
    }

    [Fact]
    public void A_wrong_line_is_named()
    {
        AssertRefused($"{s_pixels},7\n\n{s_pixels}\n", "line 3: there are 64 numbers; 64 of an image and its class are expected");
        AssertRefused($"{s_pixels[2..]}\n", "line 1: there are 63 numbers");
        AssertRefused($"{s_pixels},1,2\n", "line 1: there are 66 numbers");
        AssertRefused($"17{s_pixels[1..]},7", "line 1: number 1 is \"17\"; a whole number from 0 to 16");
        AssertRefused($"{s_pixels},10", "line 1: the class is \"10\"; a whole number from 0 to 9");
        AssertRefused($"0.5{s_pixels[1..]},7", "number 1 is \"0.5\"");
        AssertRefused($"-1{s_pixels[1..]},7", "number 1 is \"-1\"");
        AssertRefused($"256{s_pixels[1..]},7", "number 1 is \"256\"");
        AssertRefused($"{s_pixels},", "the class is \"\"");
        AssertRefused("\n \r\n", "has no images");
        AssertRefused("", "is empty");
    }

    public void Dispose() => _folder.Dispose();

    private ImageSet Read(string content) => ImageFiles.Read(_folder.Write("a.tra", content));

    private void AssertRefused(string content, string what)
    {
        string message = Assert.Throws<InvalidDataException>(() => Read(content)).Message;
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("a.tra"), message, StringComparison.Ordinal);
    }
}
