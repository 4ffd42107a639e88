using System.Buffers;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Weights in several files, held together by an index such as <c>model.safetensors.index.json</c>.</summary>
public sealed class ShardedFile : TensorFile
{
    private readonly IReadOnlyList<TensorFile> _shards;
    private readonly Dictionary<TensorEntry, TensorFile> _shardOf = [];

    private ShardedFile(string path, IReadOnlyList<TensorFile> shards)
        : base(path, [.. shards.SelectMany(shard => shard.Entries)])
    {
        _shards = shards;
        foreach (TensorFile shard in shards)
        {
            foreach (TensorEntry entry in shard.Entries)
                _shardOf.Add(entry, shard);
        }
    }

    /// <summary>Opens the index and all its files. Each tensor must be in the file that the index says, and in no other.</summary>
    public static ShardedFile Open(string path)
    {
        IReadOnlyList<KeyValuePair<string, string>> index = ShardIndex.Read(path);
        Dictionary<string, TensorFile> shards = new(StringComparer.Ordinal);
        try
        {
            foreach ((string tensor, string name) in index)
            {
                if (!shards.TryGetValue(name, out TensorFile? shard))
                    shards.Add(name, shard = OpenShard(path, name));
                if (!shard.Contains(tensor))
                    throw new InvalidDataException($"{path}: tensor '{MessageText.Shorten(tensor)}' is not in its file '{name}'");
            }
            RefuseUnlisted(path, index, shards);
            return new ShardedFile(path, [.. shards.Values]);
        }
        catch
        {
            foreach (TensorFile shard in shards.Values)
                shard.Dispose();
            throw;
        }
    }

    internal override IMemoryOwner<byte> Slice(TensorEntry entry, long start, int length) => _shardOf[entry].Slice(entry, start, length);

    private protected override void Dispose(bool disposing)
    {
        foreach (TensorFile shard in _shards)
            shard.Dispose();
    }

    private static TensorFile OpenShard(string path, string name)
    {
        string shard = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", name);
        try
        {
            return WeightFiles.OpenFile(shard);
        }
        catch (FileNotFoundException error)
        {
            throw new InvalidDataException($"{path}: its file '{name}' is missing", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InvalidDataException($"{path}: its file '{name}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>A tensor that the index does not know, or puts elsewhere: the files are of different models.</summary>
    private static void RefuseUnlisted(
        string path, IReadOnlyList<KeyValuePair<string, string>> index, Dictionary<string, TensorFile> shards)
    {
        Dictionary<string, string> fileOf = new(index, StringComparer.Ordinal);
        foreach ((string name, TensorFile shard) in shards)
        {
            foreach (TensorEntry entry in shard.Entries)
            {
                if (!fileOf.TryGetValue(entry.Name, out string? listed) || listed != name)
                    throw new InvalidDataException($"{path}: its file '{name}' has a {entry}, which the index does not put there");
            }
        }
    }
}
