namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A model on disk: <c>config.json</c>, the weights and, if there is one, a tokenizer. Written in the Hugging
/// Face layout, with the weights in <c>model.safetensors</c>; read in every form that <see cref="Checkpoint"/> knows.
/// </summary>
public static class ModelFolder
{
    /// <summary>File name of the configuration.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>File name of the weights that are written.</summary>
    public const string WeightsFile = WeightFiles.Safetensors;

    /// <summary>File name of the tokenizer.</summary>
    public const string TokenizerFile = "tokenizer.json";

    /// <summary>
    /// Reads a model for training: of either dialect, <see cref="WeightFiles">wherever its weights are</see>, in any
    /// floating-point type or in 8-bit codes.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or config and weights contradict each other.</exception>
    public static LanguageModel Load(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Config.NewModel(new ParameterStore((name, shape, _, values) => checkpoint.ReadFloats(name, shape.Dims, values)));
    }

    /// <summary>As <see cref="Load(string)"/>, of one kind of model.</summary>
    /// <typeparam name="TModel">The kind.</typeparam>
    /// <param name="folder">The folder.</param>
    /// <inheritdoc cref="Load(string)" path="exception"/>
    public static TModel Load<TModel>(string folder)
        where TModel : LanguageModel
    {
        LanguageModel model = Load(folder);
        return model as TModel
            ?? throw new InvalidDataException($"'{folder}' is a model of type '{model.Config.ModelType}', which cannot be used here.");
    }

    /// <summary>The tokenizer of a model, as <see cref="Text.Tokenizer.Load"/> takes it: <c>tokenizer.json</c>, or else <c>vocab.json</c>, which has <c>merges.txt</c> beside it.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Its path; null when there is none.</returns>
    public static string? FindTokenizer(string folder)
    {
        string whole = Path.Combine(folder, TokenizerFile), vocabulary = Path.Combine(folder, Text.Gpt2Files.Vocabulary);
        if (File.Exists(whole))
            return whole;
        return File.Exists(vocabulary) && File.Exists(Path.Combine(folder, Text.Gpt2Files.Merges)) ? vocabulary : null;
    }

    /// <summary>As <see cref="FindTokenizer"/>, of a model that must have one.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string TokenizerOf(string folder) => FindTokenizer(folder) ?? throw new FileNotFoundException(
        $"Model '{folder}' has no {TokenizerFile}, nor {Text.Gpt2Files.Vocabulary} with {Text.Gpt2Files.Merges}; put that of its text beside it.", Path.Combine(folder, TokenizerFile));

    /// <summary>Writes a model into an existing folder; each file whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokenizerPath">A tokenizer to copy beside it, or null.</param>
    /// <param name="keepsTrainingOnly">Whether parameters that serve training only are written too, to go on with it.</param>
    public static void Save(string folder, LanguageModel model, string? tokenizerPath = null, bool keepsTrainingOnly = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelConfig.Save(Path.Combine(folder, ConfigFile), model.Config);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsFile),
            model.Parameters().Where(p => keepsTrainingOnly || !LanguageModel.IsTrainingOnly(p.Path)).Select(p => (p.Path, p.Shape.Dims.ToArray(), (ReadOnlyMemory<float>)p.ValueMemory)),
            new Dictionary<string, string> { ["format"] = "pt" });
        if (tokenizerPath is not null)
            Text.TokenizerFile.Copy(tokenizerPath, Path.Combine(folder, TokenizerFile));
    }
}
