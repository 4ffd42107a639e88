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
    public void APointOfTheSameKindDecides(int rows, double density, SpikePath path)
    {
        CrossoverProfile profile = new([s_many, s_one]);
        Assert.Equal(path, profile.Choose(StorageType.Float32, rows, 1_000, 3_000, 1, (long)(density * rows * 1_000)));
        Assert.Equal(SpikePath.Dense, profile.Choose(StorageType.Int8, rows, 1_000, 3_000, 1, 0));
    }

    [Theory]
    [InlineData(16, 256, 1_000, 0.2)]     // a measured one: no other counts
    [InlineData(64, 256, 1_000, 0.2)]     // between two of 16 and 256 rows
    [InlineData(2_000, 256, 1_000, 0.6)]  // beyond 256 rows; that of 16 is behind it
    [InlineData(256, 256, 500, 0.1)]      // between 64 and 1000 outputs
    [InlineData(256, 256, 70, 0.1)]
    public void OfThoseThatSurroundAProductTheMostCarefulDecides(int rows, int inputs, int outputs, double upTo)
    {
        CrossoverProfile profile = new(
        [
            new(StorageType.Float32, 1, 256, 1_000, 1, 1, 0.01), new(StorageType.Float32, 16, 256, 1_000, 1, 1, 0.2),
            new(StorageType.Float32, 256, 256, 1_000, 1, 1, 0.6), new(StorageType.Float32, 256, 256, 64, 1, 1, 0.1),
        ]);
        Assert.Equal(SpikePath.Accumulate, Choose(upTo - 0.001));
        Assert.Equal(SpikePath.Dense, Choose(upTo + 0.001));

        SpikePath Choose(double density) => profile.Choose(StorageType.Float32, rows, inputs, outputs, 1, (long)(density * rows * inputs));
    }

    [Theory]
    [InlineData(1, 0.6)]
    [InlineData(2, 0.4)]
    [InlineData(4, 0.4)]
    [InlineData(8, 0.2)]
    public void MoreLevelsAreNeverTakenForFewer(int levels, double upTo)
    {
        CrossoverProfile profile = new([new(StorageType.Int8, 16, 100, 100, 4, 1, 0.4), new(StorageType.Int8, 16, 100, 100, 1, 1, 0.6)]);
        Assert.Equal(SpikePath.Accumulate, profile.Choose(StorageType.Int8, 16, 100, 100, levels, (long)(upTo * 1_600)));
        Assert.Equal(SpikePath.Dense, profile.Choose(StorageType.Int8, 16, 100, 100, levels, (long)(upTo * 1_600) + 2));
    }

    [Theory]
    [InlineData(StorageType.Float32, 400, 1, false, 0.8)]   // binary ones have a point of their own
    [InlineData(StorageType.Float32, 400, 1, true, 0.4)]
    [InlineData(StorageType.Float32, 400, 4, false, 0.2)]   // several levels
    [InlineData(StorageType.Float32, 100, 1, false, 0.4)]   // too few to share sums
    [InlineData(StorageType.Float32, 1, 1, false, 0.9)]
    [InlineData(StorageType.Int8, 400, 1, false, 0.3)]      // no binary point: that of both signs
    public void ManyBinaryVectorsGoByPointsOfTheirOwn(StorageType weight, int rows, int levels, bool hasNegative, double upTo)
    {
        CrossoverProfile profile = new(
        [
            s_many, s_many with { Levels = 4, BreakEven = 0.2 }, s_one, s_many with { Weight = StorageType.Int8, BreakEven = 0.3 },
            s_many with { BreakEven = 0.8, Binary = true },
        ]);
        Assert.Equal(SpikePath.Accumulate, Choose(upTo - 0.001));
        Assert.Equal(SpikePath.Dense, Choose(upTo + 0.001));

        SpikePath Choose(double density) => profile.Choose(weight, rows, 1_000, 3_000, levels, (long)(density * rows * 1_000), hasNegative);
    }

    [Fact]
    public void APointOfAFileWithoutBinaryOnesHasBothSigns()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("crossover.json", """
            {"a": [{"weight": "Float32", "rows": 512, "inputs": 768, "outputs": 3352, "levels": 1, "threads": 1, "break_even": 0.4}]}
            """);
        Assert.Equal([s_many], CrossoverProfile.ReadAll(path)["a"].Points);
    }

    [Fact]
    public void FewOutputsAreDense()
    {
        CrossoverProfile profile = new([new CrossoverPoint(StorageType.Float32, 512, 768, 3352, 1, 1, 1)]);
        Assert.Equal(SpikePath.Dense, profile.Choose(StorageType.Float32, 512, 768, 24, 1, active: 1));
        Assert.Equal(SpikePath.Accumulate, profile.Choose(StorageType.Float32, 512, 768, 64, 1, active: 1));
    }

    [Fact]
    public void OneVectorAndManySayNothingAboutEachOther()
    {
        Assert.Equal(SpikePath.Dense, new CrossoverProfile([s_many]).Choose(StorageType.Float32, 1, 768, 3352, 1, 0));
        Assert.Equal(SpikePath.Dense, new CrossoverProfile([s_one]).Choose(StorageType.Float32, 2, 768, 3352, 1, 0));
    }

    [Fact]
    public void ItComesBackFromItsFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("crossover.json");
        using (FileStream stream = File.Create(path))
            CrossoverProfile.Write(stream, new Dictionary<string, CrossoverProfile> { ["a"] = new([s_many]), ["b"] = new([s_one, s_many, s_many with { Binary = true }]) });
        IReadOnlyDictionary<string, CrossoverProfile> back = CrossoverProfile.ReadAll(path);
        Assert.Equal([s_many], back["a"].Points);
        Assert.Equal([s_one, s_many, s_many with { Binary = true }], back["b"].Points);
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
