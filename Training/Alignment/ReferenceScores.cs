using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// The log-probabilities that the reference model gives to all completions: computed once, so that training needs no second model, and
/// kept in a file when a folder for that is given.
/// </summary>
public sealed class ReferenceScores
{
    private const string TensorName = "log_probabilities", KeyName = "key", ChecksumName = "xxh128";

    private readonly float[] _values;

    private ReferenceScores(string key, float[] values, bool fromCache)
    {
        Key = key;
        _values = values;
        FromCache = fromCache;
    }

    /// <summary>A hash of the completions' tokens and of the reference's configuration and weights: what the numbers depend on.</summary>
    public string Key { get; }

    /// <summary>Whether they were read and not computed.</summary>
    public bool FromCache { get; }

    /// <summary>Number of completions.</summary>
    public int Count => _values.Length;

    /// <summary>ln p(completion | prompt).</summary>
    public float this[int completion] => _values[completion];

    /// <summary>Refuses to be used for other data.</summary>
    internal void Require(int completions)
    {
        if (Count != completions)
            throw new ArgumentException($"There are {Count} reference scores for {completions} completions: they are of other data.");
    }

    /// <summary>Computes or reads them.</summary>
    /// <param name="reference">The model that training starts from; the one to be trained will do as long as training has not begun.</param>
    /// <param name="continuations">Prompts and completions.</param>
    /// <param name="cacheFolder">
    /// Where they are kept for another run with the same data, tokenizer and weights, or null. A file that is damaged is computed anew.
    /// </param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <exception cref="ArgumentException">A token is not in the model's vocabulary.</exception>
    /// <exception cref="InvalidDataException">The model gives a completion no finite log-probability.</exception>
    public static ReferenceScores Compute(
        LanguageModel reference, IReadOnlyList<Continuation> continuations, string? cacheFolder,
        CancellationToken cancellation, IProgress<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(continuations);
        string key = KeyOf(reference, continuations);
        string? path = cacheFolder is null ? null : Path.Combine(cacheFolder, $"reference-{key}.safetensors");
        if (path is not null && File.Exists(path) && Read(path, key, continuations.Count) is { } cached)
            return new ReferenceScores(key, cached, fromCache: true);

        float[] values = ContinuationScorer.Score(reference, continuations, cancellation, progress);
        int broken = Array.FindIndex(values, v => !float.IsFinite(v));
        if (broken >= 0)
            throw new InvalidDataException($"The reference model gives completion {broken} the log-probability {values[broken]}: its weights are not usable.");
        if (path is not null)
        {
            Directory.CreateDirectory(cacheFolder!);
            SafetensorsWriter.Write(
                path, [(TensorName, [values.Length], values)],
                new Dictionary<string, string> { [KeyName] = key, [ChecksumName] = Checksum(values) });
        }

        return new ReferenceScores(key, values, fromCache: false);
    }

    private static float[]? Read(string path, string key, int count)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            float[] values = new float[count];
            file.ReadFloats(TensorName, [count], values);
            bool valid = file.Metadata.GetValueOrDefault(KeyName) == key && file.Metadata.GetValueOrDefault(ChecksumName) == Checksum(values);
            return valid ? values : null;
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static string Checksum(float[] values) => Convert.ToHexStringLower(XxHash128.Hash(MemoryMarshal.AsBytes<float>(values)));

    private static string KeyOf(LanguageModel reference, IReadOnlyList<Continuation> continuations)
    {
        XxHash128 hash = new();
        foreach ((int[] context, int[] tokens) in continuations)
        {
            hash.Append(MemoryMarshal.AsBytes<int>([context.Length, tokens.Length]));
            hash.Append(MemoryMarshal.AsBytes<int>(context));
            hash.Append(MemoryMarshal.AsBytes<int>(tokens));
        }

        hash.Append(JsonSerializer.SerializeToUtf8Bytes(reference.Config, ReferenceKeyJson.Default.GetTypeInfo(reference.Config.GetType())!));
        foreach (Parameter parameter in reference.Parameters())
        {
            hash.Append(Encoding.UTF8.GetBytes(parameter.Path));
            hash.Append(MemoryMarshal.AsBytes(parameter.Values));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
