using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ADenseModelComesBackBitForBit() => AssertComesBack(TinyModels.Dense());

    [Fact]
    public void ASpikingModelComesBackBitForBit() => AssertComesBack(TinyModels.Student(TinyModels.Dense()));

    [Fact]
    public void UnusualSwitchesComeBack() => AssertComesBack(TinyModels.Dense(TinyModels.UnusualConfig));

    [Fact]
    public void ATiedHeadIsStoredOnce()
    {
        ModelFolder.Save(_folder.Path, TinyModels.Dense());
        using SafetensorsFile file = Weights();
        Assert.True(file.Contains("backbone.embeddings.weight"));
        Assert.False(file.Contains("lm_head.weight"));
    }

    [Fact]
    public void AMissingTensorIsNamed()
    {
        Rewrite(tensors => tensors.Where(t => t.Name != "backbone.layers.1.mixer.A_log"));
        Assert.Contains("backbone.layers.1.mixer.A_log", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownTensorIsNamed()
    {
        Rewrite(tensors => tensors.Append(("backbone.layers.2.norm.weight", [1], new float[1])));
        Assert.Contains("backbone.layers.2.norm.weight", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void ATensorOfAnotherShapeIsNamed()
    {
        Rewrite(tensors => tensors.Select(t => t.Name.EndsWith("norm_f.weight", StringComparison.Ordinal) ? (t.Name, [1, t.Shape[0]], t.Values) : t));
        Assert.Contains("norm_f.weight", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFoldersAndFilesAreNamed()
    {
        string missing = _folder.File("nowhere");
        Assert.Contains(missing, Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Load<Mamba2LanguageModel>(missing)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => ModelFolder.Load<Mamba2LanguageModel>(_folder.Path));
        ModelFolder.Save(_folder.Path, TinyModels.Dense());
        File.Delete(_folder.File(ModelFolder.WeightsFile));
        Assert.Throws<FileNotFoundException>(() => ModelFolder.Load<Mamba2LanguageModel>(_folder.Path));
    }

    [Fact]
    public void TheTokenizerIsCopiedBeside()
    {
        using TinyText text = new();
        ModelFolder.Save(_folder.Path, TinyModels.Dense(), text.TokenizerFile);
        Assert.Equal(File.ReadAllText(text.TokenizerFile), File.ReadAllText(_folder.File(ModelFolder.TokenizerFile)));
    }

    private void AssertComesBack(Mamba2LanguageModel model)
    {
        ModelFolder.Save(_folder.Path, model);
        Mamba2LanguageModel loaded = ModelFolder.Load<Mamba2LanguageModel>(_folder.Path);

        Assert.Equal(model.Config, loaded.Config);
        Assert.Equal(model.Parameters().Select(p => p.Path), loaded.Parameters().Select(p => p.Path));
        Assert.Equal(TinyModels.Values(model), TinyModels.Values(loaded));
        int[] ids = TinyModels.Tokens(20, model.Config.VocabSize);
        Assert.Equal(model.Forward(ids, batch: 1).Values.ToArray(), loaded.Forward(ids, batch: 1).Values.ToArray());
    }

    private SafetensorsFile Weights() => SafetensorsFile.Open(_folder.File(ModelFolder.WeightsFile));

    /// <summary>Saves a model and then changes the list of its tensors.</summary>
    private void Rewrite(Func<IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)>, IEnumerable<(string, int[], ReadOnlyMemory<float>)>> change)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        ModelFolder.Save(_folder.Path, model);
        SafetensorsWriter.Write(
            _folder.File(ModelFolder.WeightsFile),
            change(model.Parameters().Select(p => (p.Path, p.Shape.Dims.ToArray(), (ReadOnlyMemory<float>)p.ValueMemory))));
    }

    private string Refused() => Assert.Throws<InvalidDataException>(() => ModelFolder.Load<Mamba2LanguageModel>(_folder.Path)).Message;
}
