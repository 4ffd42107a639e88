using System.Text;
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
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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
                foreach (byte[]? text in ReadGroup(reader, group, field, path))
                {
                    string document = Decode(text, path, column, ++row);
                    if (!string.IsNullOrWhiteSpace(document))
                        yield return new DocumentPart(document, Begins: true);
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

        if (field.IsArray || field.MaxRepetitionLevel > 0 || (field.ClrType != typeof(ReadOnlyMemory<char>) && field.ClrType != typeof(ReadOnlyMemory<byte>)))
            throw new InvalidDataException($"Column '{column}' of Parquet file '{path}' does not hold one text per row.");

        // Read as bytes: the library would replace those that are not UTF-8 by U+FFFD. A field knows its place only within a schema.
        return new ParquetSchema(new DataField(column, typeof(byte[]), field.IsNullable)).DataFields[0];
    }

    private static byte[]?[] ReadGroup(ParquetReader reader, int group, DataField field, string path) => Checked(path, async () =>
    {
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
        byte[]?[] texts = new byte[checked((int)rows.RowCount)][];
        await rows.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
        return texts;
    });

    private static string Decode(byte[]? text, string path, string column, long row)
    {
        if (text is null)
            throw new InvalidDataException($"Parquet file '{path}', row {row}: '{column}' is null.");
        try
        {
            return s_strict.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"Parquet file '{path}', row {row}: '{column}' is not valid UTF-8: byte {e.Index} is 0x{text[e.Index]:X2}.", e);
        }
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
