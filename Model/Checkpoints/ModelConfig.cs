using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Vision;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Reads a <c>config.json</c> of either dialect, Hugging Face's or state-spaces'.</summary>
public static class ModelConfig
{
    /// <summary>Reads a configuration; which dialect it is, its fields tell.</summary>
    /// <param name="path">The file, or a folder with a <c>config.json</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another architecture, or asks for something unsupported.</exception>
    public static LanguageModelConfig Load(string path)
    {
        if (Directory.Exists(path))
            path = Path.Combine(path, ModelFolder.ConfigFile);
        return ConfigDocument.Load(path, Read);
    }

    /// <summary>Writes a configuration in Hugging Face's form, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">What it says.</param>
    /// <param name="type">How the matrices are stored.</param>
    public static void Save(string path, LanguageModelConfig config, StorageType type = StorageType.Float32)
    {
        switch (config)
        {
            case Mamba2Config mamba2:
                HuggingFaceConfig.Save(path, mamba2, type);
                break;
            case OptConfig opt:
                OptConfigFile.Save(path, opt, type);
                break;
            default:
                throw new ArgumentException($"There is no configuration file of type {config?.ModelType}.", nameof(config));
        }
    }

    private static LanguageModelConfig Read(ConfigFields fields)
    {
        if (fields.Has("model_type"))
        {
            if (fields.Text("model_type", "") == ImageConfigFile.ModelType)
                throw fields.Broken("model_type", $"is '{ImageConfigFile.ModelType}', a network for images and no language model; `spike classify` runs it");
            return fields.Text("model_type", "") is OptConfigFile.ModelType or OptConfigFile.SpikingModelType
                ? OptConfigFile.Read(fields)
                : HuggingFaceConfig.Read(fields);
        }

        if (fields.Has("d_model"))
            return StateSpacesConfig.Read(fields);
        throw fields.Broken("model_type", "is missing, as Hugging Face writes, and so is d_model, as state-spaces writes");
    }
}
