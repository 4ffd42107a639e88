namespace SpikeEngine.Model.Checkpoints;

/// <summary>The names under which the weights of a model lie in its folder.</summary>
public static class WeightFiles
{
    /// <summary>One safetensors file.</summary>
    internal const string Safetensors = "model.safetensors";

    /// <summary>The index of several.</summary>
    internal const string SafetensorsIndex = Safetensors + IndexEnding;

    /// <summary>One pickled file.</summary>
    internal const string PyTorch = "pytorch_model.bin";

    private const string IndexEnding = ".index.json";

    /// <summary>In the order in which they are looked for: the safe form before the old one, one file before several.</summary>
    private static readonly string[] s_names =
        [Safetensors, SafetensorsIndex, PyTorch, PyTorch + IndexEnding];

    /// <summary>The path of the weights in a folder.</summary>
    /// <exception cref="FileNotFoundException">There are none; the message lists what was looked for.</exception>
    public static string Find(string folder)
    {
        foreach (string name in s_names)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
                return path;
        }
        throw new FileNotFoundException(
            $"{folder}: there are no weights, neither {string.Join(" nor ", s_names)}", Path.Combine(folder, s_names[0]));
    }

    /// <summary>Opens the weights of a folder, in whichever form they are.</summary>
    public static TensorFile Open(string folder)
    {
        string path = Find(folder);
        return path.EndsWith(IndexEnding, StringComparison.Ordinal) ? ShardedFile.Open(path) : OpenFile(path);
    }

    /// <summary>Opens one file of weights. Its ending says which form it has.</summary>
    internal static TensorFile OpenFile(string path) => OpenerOf(path) is { } open
        ? open(path)
        : throw new InvalidDataException($"{path}: weights are read from .safetensors, .bin, .pt and .pth files");

    internal static bool HasKnownEnding(string name) => OpenerOf(name) is not null;

    private static Func<string, TensorFile>? OpenerOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".SAFETENSORS" => SafetensorsFile.Open,
        ".BIN" or ".PT" or ".PTH" => PyTorchFile.Open,
        _ => null,
    };
}
