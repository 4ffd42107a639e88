using System.Text;

namespace SpikeEngine.Tests.Engine;

public class CrossoverProfileTests
{
    private static readonly CrossoverPoint s_many = new(StorageType.Float32, 512, 768, 3352, 1, 1, 0.4);
    private static readonly CrossoverPoint s_one = new(StorageType.Float32, 1, 768, 3352, 1, 1, 0.9);

    [Theory]
    [InlineData(1, 0.9, SpikePath.Accumulate)]
    [InlineData(1, 0.95, SpikePath.Dense)]
    [InlineData(400, 0.4, SpikePath.Accumulate)]
    [InlineData(400, 0.41, SpikePath.Dense)]
    [InlineData(400, 0.9, SpikePath.Dense)]
    public void TheNearestPointDecides(int rows, double density, SpikePath path)
    {
        CrossoverProfile profile = new([s_many, s_one]);
        Assert.Equal(path, profile.Choose(StorageType.Float32, rows, 1_000, 3_000, 1, (long)(density * rows * 1_000)));
        Assert.Equal(SpikePath.Dense, profile.Choose(StorageType.Int8, rows, 1_000, 3_000, 1, 0));
    }

    [Fact]
    public void ItComesBackFromItsFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("crossover.json");
        using (FileStream stream = File.Create(path))
            CrossoverProfile.Write(stream, new Dictionary<string, CrossoverProfile> { ["a"] = new([s_many]), ["b"] = new([s_one, s_many]) });
        IReadOnlyDictionary<string, CrossoverProfile> back = CrossoverProfile.ReadAll(path);
        Assert.Equal([s_many], back["a"].Points);
        Assert.Equal([s_one, s_many], back["b"].Points);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"a\": [{\"weight\": \"Float32\"}]}")]
    [InlineData("{\"a\": [{\"weight\": \"Float32\", \"rows\": 1, \"inputs\": 2, \"outputs\": 3, \"levels\": 1, \"threads\": 1, \"break_even\": 7}]}")]
    [InlineData("{\"a\": [{\"weight\": \"Float9\", \"rows\": 1, \"inputs\": 2, \"outputs\": 3, \"levels\": 1, \"threads\": 1, \"break_even\": 0.5}]}")]
    [InlineData("{\"a\": null}")]
    public void AFileThatIsNoneIsNamed(string json)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("crossover.json");
        File.WriteAllText(path, json, Encoding.UTF8);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => CrossoverProfile.ReadAll(path)).Message, StringComparison.Ordinal);
    }
}
