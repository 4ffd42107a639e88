using System.Numerics.Tensors;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A model on disk in the Hugging Face layout: <c>config.json</c>, <c>model.safetensors</c> and, if there is one,
/// <c>tokenizer.json</c>.
/// </summary>
public static class ModelFolder
{
    /// <summary>File name of the configuration.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>File name of the weights.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>File name of the tokenizer.</summary>
    public const string TokenizerFile = "tokenizer.json";

    private const string TiedHead = "lm_head.weight";

    /// <summary>Reads a model.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or config and weights contradict each other.</exception>
    public static Mamba2LanguageModel Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no model folder \"{folder}\".");
        Mamba2Config config = HuggingFaceConfig.Load(Path.Combine(folder, ConfigFile));
        string path = Path.Combine(folder, WeightsFile);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        ParameterStore parameters = new((name, shape, _, values) =>
        {
            if (!file.Contains(name))
                throw new InvalidDataException($"\"{path}\" has no tensor \"{name}\", which its {ConfigFile} asks for.");
            file.ReadFloats(name, shape.Dims, values);
            if (!TensorPrimitives.IsFiniteAll<float>(values))
                throw new InvalidDataException($"\"{path}\": tensor \"{name}\" has values that are not finite numbers.");
        });
        RequireSizes(file, path, config);
        Mamba2LanguageModel model = new(config, parameters);
        RefuseUnknown(file, path, parameters);
        return model;
    }

    /// <summary>Writes a model into an existing folder; each file whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokenizerPath">A tokenizer to copy beside it, or null.</param>
    public static void Save(string folder, Mamba2LanguageModel model, string? tokenizerPath = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        HuggingFaceConfig.Save(Path.Combine(folder, ConfigFile), model.Config);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsFile),
            model.Parameters().Select(p => (p.Path, p.Shape.Dims.ToArray(), (ReadOnlyMemory<float>)p.ValueMemory)),
            new Dictionary<string, string> { ["format"] = "pt" });
        if (tokenizerPath is not null)
            AtomicFile.Write(Path.Combine(folder, TokenizerFile), stream => stream.Write(File.ReadAllBytes(tokenizerPath)));
    }

    /// <summary>
    /// The configuration's sizes decide what is allocated, so they are held against the file first: the embedding and the
    /// first projection have all of them.
    /// </summary>
    private static void RequireSizes(SafetensorsFile file, string path, Mamba2Config config)
    {
        Require("backbone.embeddings.weight", config.VocabSize, config.DModel);
        Require("backbone.layers.0.mixer.in_proj.weight", config.InProjRows, config.DModel);
        Require($"backbone.layers.{config.LayerCount - 1}.mixer.out_proj.weight", config.DModel, config.DInner);

        void Require(string name, params ReadOnlySpan<long> shape)
        {
            if (!file.Contains(name))
                throw new InvalidDataException($"\"{path}\" has no tensor \"{name}\", which its {ConfigFile} asks for.");
            if (!file[name].Shape.AsSpan().SequenceEqual(shape))
            {
                throw new InvalidDataException(
                    $"\"{path}\": tensor \"{name}\" is [{string.Join(", ", file[name].Shape)}], its {ConfigFile} makes it [{string.Join(", ", shape.ToArray())}].");
            }
        }
    }

    /// <summary>A tensor that no layer asked for means that config and weights are of different models.</summary>
    private static void RefuseUnknown(SafetensorsFile file, string path, ParameterStore parameters)
    {
        foreach (TensorEntry entry in file.Entries)
        {
            if (!parameters.Contains(entry.Name) && entry.Name != TiedHead)
                throw new InvalidDataException($"\"{path}\" has a tensor \"{entry.Name}\" that the model of its {ConfigFile} does not have.");
        }
    }
}
