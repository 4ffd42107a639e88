using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Opens a <c>config.json</c> of either dialect, and turns all that can be wrong with it into one kind of error.</summary>
internal static class ConfigDocument
{
    /// <summary>A configuration is a page of text; whatever is longer is something else.</summary>
    private const long MaxLength = 16 << 20;

    /// <summary>Where a run keeps its model.</summary>
    private const string FolderInARun = "model";

    /// <summary>Hands the fields to <paramref name="read"/> and validates what it makes of them.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or <paramref name="read"/> refuses it.</exception>
    public static TConfig Load<TConfig>(string path, Func<ConfigFields, TConfig> read)
        where TConfig : IModelConfig
    {
        FileInfo file = new(path);
        if (!file.Exists)
            throw Missing(path);
        if (file.Length > MaxLength)
            throw new InvalidDataException($"{path}: {file.Length} bytes are too many for a configuration");

        byte[] json = BareFloatLiterals.Wrap(File.ReadAllBytes(path));
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{path}: the configuration is not a JSON object");

            TConfig config = read(new ConfigFields(path, document.RootElement));
            config.Validate();
            return config;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: the configuration is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // The JSON reader's way of refusing text that is not Unicode.
            throw new InvalidDataException($"{path}: the configuration holds text that is not Unicode", error);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Says what is not there; whoever names the folder of a run learns where its model is.</summary>
    private static IOException Missing(string path)
    {
        if (Path.GetFileName(path) != ModelFolder.ConfigFile)
            return new FileNotFoundException($"Model '{path}' does not exist.", path);
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".", inside = Path.Combine(folder, FolderInARun);
        if (File.Exists(folder))
            return new FileNotFoundException($"'{folder}' is a file; a model is a folder with {ModelFolder.ConfigFile}.", path);
        if (!Directory.Exists(folder))
            return new DirectoryNotFoundException($"Model '{folder}' does not exist.");
        return new FileNotFoundException(
            File.Exists(Path.Combine(inside, ModelFolder.ConfigFile)) ? $"'{folder}' is the folder of a run; its model is '{inside}'." : $"Model '{folder}' has no {ModelFolder.ConfigFile}.", path);
    }

    /// <summary>The <c>model_type</c> of a configuration; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static string? TypeOf(string path) => Load(path, static fields => new TypeOnly(fields.Text("model_type", ""))).ModelType is { Length: > 0 } type ? type : null;

    private sealed record TypeOnly(string ModelType) : IModelConfig
    {
        public void Validate()
        {
        }
    }

    /// <summary>Writes a configuration as others indent theirs, whole or not at all.</summary>
    public static void Save(string path, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        write(json);
    });

    /// <summary>Transformers' word for how matrices are stored. It has none for bytes with scales: single precision then, that of the rest.</summary>
    public static string DtypeOf(StorageType type) => type switch
    {
        StorageType.BFloat16 => "bfloat16",
        StorageType.Float16 => "float16",
        _ => "float32",
    };
}
