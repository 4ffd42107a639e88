using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Studies;

/// <summary>The JSON files of a study: read strictly, written whole or not at all.</summary>
internal static class StudyFile
{
    /// <summary>What a file holds; null when it is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">What it should hold.</param>
    /// <param name="what">What messages call that.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static T? Find<T>(string path, JsonTypeInfo<T> type, string what)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is no {what}: {error.Message}", error);
        }
    }

    /// <summary>Writes it.</summary>
    public static void Save<T>(string path, T value, JsonTypeInfo<T> type)
    {
        byte[] json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value, type) + "\n");
        AtomicFile.Write(path, stream => stream.Write(json));
    }
}
