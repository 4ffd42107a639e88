using Parquet;
using Parquet.Schema;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Data.Parquet;

/// <summary>
/// Parquet: each row of the text column (<see cref="DocumentOptions.TextField"/>) is a document; other columns are not read. One row group is
/// in memory at a time. Give it to <see cref="DocumentFiles"/>, which then reads such files too.
/// </summary>
public sealed class ParquetFormat : IDocumentFormat
{
    private const char Replacement = '\uFFFD';

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".parquet"];

    /// <inheritdoc/>
    public string Key(DocumentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return $"parquet-1 {options.TextField}";
    }

    /// <inheritdoc/>
    public IEnumerable<DocumentPart> Read(string path, DocumentOptions options, IProgress<long>? bytes)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(path))
            throw new FileNotFoundException($"Parquet file '{path}' does not exist.", path);
        return ReadRows(path, options.TextField, bytes);
    }

    private static IEnumerable<DocumentPart> ReadRows(string path, string column, IProgress<long>? bytes)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        ParquetReader reader = Checked(path, () => ParquetReader.CreateAsync(file));
        try
        {
            DataField field = TextColumn(reader.Schema, column, path);
            long row = 0;
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                foreach (string? text in ReadGroup(reader, group, field, path))
                {
                    row++;
                    if (Valid(text, path, column, row))
                        yield return new DocumentPart(text!, Begins: true);
                }

                // Groups are read wherever they lie: their share stands for the bytes.
                bytes?.Report((long)((double)file.Length * (group + 1) / reader.RowGroupCount));
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static DataField TextColumn(ParquetSchema schema, string column, string path)
    {
        DataField? field = schema.DataFields.FirstOrDefault(f => f.Path.ToString() == column);
        if (field is null)
        {
            string columns = string.Join(", ", schema.DataFields.Select(f => $"'{f.Path}'"));
            throw new InvalidDataException($"Parquet file '{path}' has no column '{column}'; there are {columns}.");
        }

        return !field.IsArray && field.MaxRepetitionLevel == 0 && field.ClrType == typeof(ReadOnlyMemory<char>)
            ? field
            : throw new InvalidDataException($"Column '{column}' of Parquet file '{path}' does not hold one text per row.");
    }

    private static string?[] ReadGroup(ParquetReader reader, int group, DataField field, string path) => Checked(path, async () =>
    {
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
        string?[] texts = new string?[checked((int)rows.RowCount)];
        await rows.ReadAsync(field, texts.AsMemory()).ConfigureAwait(false);
        return texts;
    });

    /// <summary>Whether there is text; the library replaces bytes that are not UTF-8, which must not be learnt.</summary>
    private static bool Valid(string? text, string path, string column, long row)
    {
        if (text is null)
            throw new InvalidDataException($"Parquet file '{path}', row {row}: '{column}' is null.");
        if (text.Contains(Replacement, StringComparison.Ordinal))
            throw new InvalidDataException($"Parquet file '{path}', row {row}: '{column}' is not valid UTF-8, or has U+FFFD, which stands for such bytes.");
        return !string.IsNullOrWhiteSpace(text);
    }

    /// <summary>The library's own errors do not name the file, and some are of no kind a user would expect.</summary>
    private static T Checked<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"Parquet file '{path}' cannot be read: {error.Message}", error);
        }
    }
}
