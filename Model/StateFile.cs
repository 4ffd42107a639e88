using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Model;

/// <summary>
/// Snapshots as safetensors files: <c>layers.L.conv</c> [B, K, C], <c>layers.L.ssm</c> [B, H, N, P] and <c>logits</c> [V], with the version,
/// the position and a checksum of all of it in the header.
/// </summary>
internal static class StateFile
{
    private const string FormatKey = "format", VersionKey = "version", PositionKey = "position", ChecksumKey = "xxh128";
    private const string Format = "spikeengine-state";
    private const string Version = "1";
    private const string LogitsName = "logits";

    internal static void Write(string path, SessionSnapshot snapshot)
    {
        DecoderState state = snapshot.State;
        List<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors = [.. state.Tensors().Select(t => (t.Name, t.Shape, (ReadOnlyMemory<float>)t.Values))];
        tensors.Add((LogitsName, [snapshot.Logits.Length], snapshot.Logits.ToArray()));
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            [FormatKey] = Format,
            [VersionKey] = Version,
            [PositionKey] = state.Position.ToString(CultureInfo.InvariantCulture),
            [ChecksumKey] = Checksum(state.Position, tensors),
        });
    }

    internal static SessionSnapshot Read(string path, Mamba2Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Require(path, file, FormatKey, Format);
        Require(path, file, VersionKey, Version);
        if (!long.TryParse(Text(file, PositionKey), NumberStyles.None, CultureInfo.InvariantCulture, out long position))
            throw new InvalidDataException($"{path}: {PositionKey} is '{Text(file, PositionKey)}', not a number of tokens");

        Mamba2State state = new(config);
        (string Name, int[] Shape, Memory<float> Values)[] tensors = [.. state.Tensors(), (LogitsName, [config.VocabSize], new float[config.VocabSize])];
        if (file.Entries.Count != tensors.Length)
            throw new InvalidDataException($"{path}: there are {file.Entries.Count} tensors, the state of this model has {tensors.Length}; is it of another model?");
        foreach ((string name, int[] shape, Memory<float> values) in tensors)
        {
            if (!file.Contains(name))
                throw new InvalidDataException($"{path}: there is no tensor '{name}', which the state of this model has; is it of another model?");
            file.ReadFloats(name, shape, values.Span);
        }

        string checksum = Checksum(position, [.. tensors.Select(t => (t.Name, t.Shape, (ReadOnlyMemory<float>)t.Values))]);
        if (Text(file, ChecksumKey) != checksum)
            throw new InvalidDataException($"{path}: the checksum is {checksum}, the file says '{Text(file, ChecksumKey)}': it is damaged");
        state.Advance(position);
        return new SessionSnapshot(state, tensors[^1].Values.ToArray());
    }

    private static void Require(string path, SafetensorsFile file, string key, string value)
    {
        if (Text(file, key) != value)
            throw new InvalidDataException($"{path}: {key} is '{Text(file, key)}', not '{value}': it is no state that this version can read");
    }

    private static string Text(SafetensorsFile file, string key) => file.Metadata.GetValueOrDefault(key, "");

    private static string Checksum(long position, List<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors)
    {
        XxHash128 hash = new();
        hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in position)));
        foreach ((_, _, ReadOnlyMemory<float> values) in tensors)
            hash.Append(MemoryMarshal.AsBytes(values.Span));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
