using Parquet;
using Parquet.Schema;
using SpikeEngine.Data.Parquet;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Tests.Data.Parquet;

public sealed class ParquetFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_are_documents_row_group_by_row_group()
    {
        string path = await WriteAsync("text", ["first é", " ", "second"], ["third"]);
        SeenProgress<long> seen = new();
        DocumentFiles files = new([_folder.Path], formats: [new ParquetFormat()]);

        Assert.Equal(["first é", "second", "third"], files.Read(seen).Select(part => part.Text));
        Assert.Equal([path], files.Paths);
        Assert.Equal([files.Bytes / 2, files.Bytes], seen.Values.Distinct());
    }

    [Fact]
    public async Task Without_the_format_such_files_are_ignored()
    {
        await WriteAsync("text", ["a"]);
        _folder.Write("b.txt", "b");
        Assert.Single(new DocumentFiles([_folder.Path]).Ignored);
    }

    [Fact]
    public async Task Another_column_and_what_is_wrong_are_named()
    {
        string path = await WriteAsync("body", ["a", null]);
        Assert.Equal("a", Read(path, "body").First());
        Assert.Contains("row 2: 'body' is null", Assert.Throws<InvalidDataException>(() => Read(path, "body").Count()).Message, StringComparison.Ordinal);
        Assert.Contains("no column 'text'; there are 'body', 'number'", Assert.Throws<InvalidDataException>(() => Read(path, "text").Count()).Message, StringComparison.Ordinal);
        Assert.Contains("'number'", Assert.Throws<InvalidDataException>(() => Read(path, "number").Count()).Message, StringComparison.Ordinal);

        string torn = _folder.Write("torn.parquet", File.ReadAllBytes(path)[..^20]);
        Assert.Contains(torn, Assert.Throws<InvalidDataException>(() => Read(torn, "body").Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_named_and_never_replaced()
    {
        string path = _folder.File("binary.parquet");
        DataField<byte[]> field = new("text");
        await using (FileStream file = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), file))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(field, (IReadOnlyCollection<byte[]>)[[.. "a"u8], [.. "b"u8, 0xE9]]);
        }

        Assert.Contains("row 2: 'text' is not valid UTF-8: byte 1 is 0xE9", Assert.Throws<InvalidDataException>(() => Read(path, "text").Count()).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Read(string path, string column) =>
        new ParquetFormat().Read(path, new DocumentOptions { TextField = column }, bytes: null).Select(part => part.Text);

    private async Task<string> WriteAsync(string column, params string?[][] groups)
    {
        string path = _folder.File("a.parquet");
        DataField<string> text = new(column);
        DataField<int> number = new("number");
        await using FileStream file = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, number), file);
        foreach (string?[] rows in groups)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(text, (IReadOnlyCollection<string>)rows!);
            await group.WriteAsync<int>(number, new int[rows.Length]);
            group.CompleteValidate();
        }

        return path;
    }
}
