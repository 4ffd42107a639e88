namespace SpikeEngine.Model.Checkpoints;

/// <summary>Reads a <c>config.json</c> of either dialect, Hugging Face's or state-spaces'.</summary>
public static class ModelConfig
{
    /// <summary>Reads a configuration; which dialect it is, its fields tell.</summary>
    /// <param name="path">The file, or a folder with a <c>config.json</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, of another architecture, or asks for something unsupported.</exception>
    public static Mamba2Config Load(string path)
    {
        if (Directory.Exists(path))
            path = Path.Combine(path, ModelFolder.ConfigFile);
        return ConfigDocument.Load(path, Read);
    }

    private static Mamba2Config Read(ConfigFields fields)
    {
        if (fields.Has("model_type"))
            return HuggingFaceConfig.Read(fields);
        if (fields.Has("d_model"))
            return StateSpacesConfig.Read(fields);
        throw fields.Broken("model_type", "is missing, as Hugging Face writes, and so is d_model, as state-spaces writes");
    }
}
