using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Weights in the Hugging Face layout: one <c>model.safetensors</c>, or several with an index that says which tensor is in which,
/// where one file would become too large.
/// </summary>
public static class SafetensorsShards
{
    private static readonly Dictionary<string, string> s_metadata = new() { ["format"] = "pt" };

    /// <summary>Writes the tensors into an existing folder, in the order given.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tensors">Names must differ.</param>
    /// <param name="shardBytes">Most bytes of tensors in a file; a tensor that is larger gets a file of its own. Null for one file.</param>
    /// <returns>The names of the files of weights.</returns>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<TensorContent> tensors, long? shardBytes = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        List<List<TensorContent>> shards = Cut(tensors, shardBytes ?? long.MaxValue);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, ModelFolder.WeightsFile), tensors, s_metadata);
            return [ModelFolder.WeightsFile];
        }

        string[] names = [.. shards.Select((_, i) => $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors")];
        for (int i = 0; i < names.Length; i++)
            SafetensorsWriter.Write(Path.Combine(folder, names[i]), shards[i], s_metadata);

        // Last: as long as it is not there, nobody takes a part for the whole.
        AtomicFile.Write(Path.Combine(folder, WeightFiles.SafetensorsIndex), stream => WriteIndex(stream, names, shards));
        return names;
    }

    /// <summary>Consecutive tensors into files; a weight in bytes and its scales stay together.</summary>
    private static List<List<TensorContent>> Cut(IReadOnlyList<TensorContent> tensors, long most)
    {
        List<List<TensorContent>> shards = [[]];
        long length = 0;
        foreach (TensorContent tensor in tensors)
        {
            bool belongsToLast = tensor.Name.EndsWith(TensorDTypes.ScaleSuffix, StringComparison.Ordinal);
            if (shards[^1].Count > 0 && !belongsToLast && length + tensor.ByteLength > most)
            {
                shards.Add([]);
                length = 0;
            }

            shards[^1].Add(tensor);
            length += tensor.ByteLength;
        }

        return shards;
    }

    private static void WriteIndex(Stream stream, string[] names, List<List<TensorContent>> shards)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(tensor => tensor.ByteLength)));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (int i = 0; i < names.Length; i++)
        {
            foreach (TensorContent tensor in shards[i])
                json.WriteString(tensor.Name, names[i]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
