using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public sealed class CsvRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void QuotesCommasLineEndsAndEmptyCellsAreRead()
    {
        string path = _folder.Write("a.csv", "\uFEFFx,y\r\n1,\"two, \"\"2\"\"\nlines\"\r\n\r\n,last\n\"\",\n");
        Assert.Equal([("1", "two, \"2\"\nlines"), ("", "last"), ("", "")], Read(path));
    }

    [Fact]
    public void ALastCommaIsAnEmptyCell() => Assert.Equal([("1", "")], Read(_folder.Write("a.csv", "x,y\n1,")));

    [Fact]
    public void LinesAreCountedThroughCells()
    {
        string path = _folder.Write("a.csv", "x,y\n\"1\n\n\",2\n3\n");
        Assert.Contains("a.csv, line 5: there are 1 cells; the first line names 2 fields", Assert.Throws<InvalidDataException>(() => Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,y\n1,\"2\n3", "line 2: a quote has no end")]
    [InlineData("x,y\n\"1\" 2,3\n", "line 2: text follows the quote")]
    [InlineData("x,y\n", "has no examples")]
    [InlineData("", "has no examples")]
    public void WhatIsWrongIsNamed(string text, string offence) =>
        Assert.Contains(offence, Assert.Throws<InvalidDataException>(() => Read(_folder.Write("a.csv", text))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private static (string, string)[] Read(string path) =>
        [.. CsvRecords.Read(path, "Table", CancellationToken.None).Select(record => (record.TextOrEmpty("x"), record.TextOrEmpty("y")))];
}
