using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Model.Vision;

/// <summary>A network for images on disk: <c>config.json</c> and <c>model.safetensors</c>, running statistics and thresholds included.</summary>
public static class ImageModelFolder
{
    /// <summary>Whether a folder is of such a network, by its configuration.</summary>
    public static bool Is(string folder)
    {
        string path = Path.Combine(folder, ModelFolder.ConfigFile);
        return File.Exists(path) && ConfigDocument.TypeOf(path) == ImageConfigFile.ModelType;
    }

    /// <summary>Reads a network.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another kind of model, or config and weights contradict each other.</exception>
    public static ImageNetwork Load(string folder)
    {
        ImageNetworkConfig config = ImageConfigFile.Load(Path.Combine(folder, ModelFolder.ConfigFile));
        using TensorFile weights = WeightFiles.Open(folder);
        return new ImageNetwork(config, new ParameterStore((name, shape, _, values) => weights.ReadFloats(name, shape.Dims, values)));
    }

    /// <summary>Writes a network into an existing folder; each file whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="network">The network.</param>
    public static void Save(string folder, ImageNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        ImageConfigFile.Save(Path.Combine(folder, ModelFolder.ConfigFile), network.Config);
        SafetensorsWriter.Write(
            Path.Combine(folder, ModelFolder.WeightsFile),
            network.Parameters().Select(p => (p.Path, p.Shape.Dims.ToArray(), (ReadOnlyMemory<float>)p.ValueMemory)),
            new Dictionary<string, string> { ["format"] = "pt" });
    }
}
