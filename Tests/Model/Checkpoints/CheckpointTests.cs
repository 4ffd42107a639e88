using System.Buffers.Binary;
using System.Text;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private const string Embedding = "backbone.embeddings.weight", Head = "lm_head.weight";
    private const string OutProj = "backbone.layers.0.mixer.out_proj.weight";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Models => GoldenFiles.ModelsIn("ss");

    /// <summary>The list of names and shapes is written down once more than in the layers; the two must agree.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void ItKnowsTheParametersThatTheLayersAskFor(bool unusual, bool spiking)
    {
        Mamba2LanguageModel model = TinyModels.Dense(unusual ? TinyModels.UnusualConfig : TinyModels.Config);
        if (spiking)
            model = TinyModels.Student(model);

        Assert.Equal(
            model.Parameters().ToDictionary(p => p.Path, p => string.Join(' ', p.Shape.Dims.ToArray())),
            ModelTensors.Of(model.Config).ToDictionary(t => t.Name, t => string.Join(' ', t.Dims)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void BothFormsOfAModelHaveTheSameBytes(string model)
    {
        string folder = Path.Combine(GoldenFiles.Folder("A_models"), model);
        using var hf = Checkpoint.Open(Path.Combine(folder, "hf"));
        using var ss = Checkpoint.Open(Path.Combine(folder, "ss"));

        Assert.Equal(hf.Names, ss.Names);
        Assert.Equal(!hf.Config.TieEmbeddings, ss.Contains(Head));
        foreach (string name in hf.Names)
        {
            Assert.Equal(hf.Entry(name).DType, ss.Entry(name).DType);
            Assert.Equal(hf.Entry(name).Shape, ss.Entry(name).Shape);
            Assert.Equal(hf.Bytes(name).ToArray(), ss.Bytes(name).ToArray());
        }
    }

    [Fact]
    public void ATiedHeadMayBeThereWhenItIsTheEmbedding()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        ReadOnlyMemory<float> embedding = model.Embedding.ValueMemory;
        Save(model, tensors => tensors.Append((Head, [.. model.Embedding.Shape.Dims], embedding)));
        using (var checkpoint = Checkpoint.Open(_folder.Path))
            Assert.False(checkpoint.Contains(Head));

        float[] other = embedding.ToArray();
        other[^1]++;
        Save(model, tensors => tensors.Append((Head, [.. model.Embedding.Shape.Dims], other)));
        Assert.Contains("'lm_head.weight' F32 [70, 40] differs from the embedding", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void EitherNameOfTheEmbeddingIsTakenButNotBoth()
    {
        const string singular = "backbone.embedding.weight";
        Mamba2LanguageModel model = TinyModels.Dense();
        Save(model, tensors => tensors.Select(t => t with { Name = t.Name.Replace(Embedding, singular) }));
        using (var checkpoint = Checkpoint.Open(_folder.Path))
        {
            Assert.Equal(singular, checkpoint.Entry(Embedding).Name);
            Assert.Equal(model.Embedding.Values.ToArray(), Floats(checkpoint, Embedding));
        }

        Save(model, tensors => tensors.Append((singular, [1], new float[1])));
        Assert.Contains(singular, Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void ANameThatTheModelDoesNotHaveIsAnErrorThatKnowsSimilarOnes()
    {
        Save(TinyModels.Dense());
        using var checkpoint = Checkpoint.Open(_folder.Path);

        Assert.Contains($"similar: '{Embedding}'",
            Assert.Throws<KeyNotFoundException>(() => checkpoint.Bytes("backbone.embedding.weight")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CodesAreDecodedByTheScaleOfTheirRow()
    {
        Mamba2Config config = SaveWithCodes(scaleType: "F32", scaleBytes: row => BitConverter.GetBytes(0.5f + row), code: 127);
        using var checkpoint = Checkpoint.Open(_folder.Path);

        Assert.Equal(TensorDType.I8, checkpoint.Entry(OutProj).DType);
        Assert.True(checkpoint.Contains(OutProj + "_scale"));
        float[] values = Floats(checkpoint, OutProj);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal((i % 2 == 0 ? 127 : -3) * (0.5f + i / config.DInner), values[i]);
        Assert.Equal(values, ModelFolder.Load<Mamba2LanguageModel>(_folder.Path).Blocks[0].Mixer.OutProj.Weight.Values.ToArray());
    }

    [Fact]
    public void CodesNeedTheirScales()
    {
        SaveWithCodes(scaleType: null, scaleBytes: _ => [], code: 1);
        Assert.Contains($"there is no '{OutProj}_scale'", Refused(), StringComparison.Ordinal);

        SaveWithCodes(scaleType: "F16", scaleBytes: _ => new byte[2], code: 1);
        Assert.Contains("the scales of codes are F32", Refused(), StringComparison.Ordinal);

        Save(TinyModels.Dense(), tensors => tensors.Append((OutProj + "_scale", [40], new float[40])));
        Assert.Contains(OutProj + "_scale", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void ACodeOrAScaleOutOfRangeIsRefused()
    {
        SaveWithCodes(scaleType: "F32", scaleBytes: _ => BitConverter.GetBytes(1f), code: -128);
        Assert.Contains("-128", Assert.Throws<InvalidDataException>(() => ModelFolder.Load<Mamba2LanguageModel>(_folder.Path)).Message, StringComparison.Ordinal);

        SaveWithCodes(scaleType: "F32", scaleBytes: _ => BitConverter.GetBytes(float.NaN), code: 1);
        Assert.Contains("finite", Assert.Throws<InvalidDataException>(() => ModelFolder.Load<Mamba2LanguageModel>(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWeightOfIntegersIsRefused()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        SaveRaw(model, t => t.Path == "backbone.norm_f.weight" ? [("backbone.norm_f.weight", "I32", t.Shape.Dims.ToArray(), Bytes(t))] : null);

        Assert.Contains("does not hold floating-point values", Refused(), StringComparison.Ordinal);
    }

    private static float[] Floats(Checkpoint checkpoint, string name)
    {
        float[] values = new float[checkpoint.Entry(name).ElementCount];
        checkpoint.ReadFloats(name, values);
        return values;
    }

    private void Save(
        Mamba2LanguageModel model,
        Func<IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)>, IEnumerable<(string, int[], ReadOnlyMemory<float>)>>? change = null)
    {
        HuggingFaceConfig.Save(_folder.File(ModelFolder.ConfigFile), model.Config);
        var tensors = model.Parameters().Select(p => (p.Path, p.Shape.Dims.ToArray(), (ReadOnlyMemory<float>)p.ValueMemory));
        SafetensorsWriter.Write(_folder.File(ModelFolder.WeightsFile), change is null ? tensors : change(tensors));
    }

    /// <summary>A tiny model whose first out_proj is codes: one of them at even places, -3 at odd ones.</summary>
    private Mamba2Config SaveWithCodes(string? scaleType, Func<int, byte[]> scaleBytes, int code)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        SaveRaw(model, t =>
        {
            if (t.Path != OutProj)
                return null;
            int[] shape = t.Shape.Dims.ToArray();
            byte[] codes = [.. Enumerable.Range(0, t.Count).Select(i => (byte)(sbyte)(i % 2 == 0 ? code : -3))];
            List<(string, string, int[], byte[])> tensors = [(OutProj, "I8", shape, codes)];
            if (scaleType is not null)
                tensors.Add((OutProj + "_scale", scaleType, [shape[0]], [.. Enumerable.Range(0, shape[0]).SelectMany(scaleBytes)]));
            return tensors;
        });
        return model.Config;
    }

    private static byte[] Bytes(Parameter parameter) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(parameter.Values).ToArray();

    /// <summary>Writes a model's weights by hand, with some tensors replaced by those of another type.</summary>
    private void SaveRaw(Mamba2LanguageModel model, Func<Parameter, IReadOnlyList<(string Name, string Type, int[] Shape, byte[] Bytes)>?> replace)
    {
        HuggingFaceConfig.Save(_folder.File(ModelFolder.ConfigFile), model.Config);
        List<byte> data = [];
        List<string> entries = [];
        foreach (Parameter p in model.Parameters())
        {
            foreach ((string name, string type, int[] shape, byte[] bytes) in replace(p) ?? [(p.Path, "F32", p.Shape.Dims.ToArray(), Bytes(p))])
            {
                entries.Add($$"""
                    "{{name}}":{"dtype":"{{type}}","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{data.Count}},{{data.Count + bytes.Length}}]}
                    """);
                data.AddRange(bytes);
            }
        }

        byte[] header = Encoding.UTF8.GetBytes("{" + string.Join(',', entries) + "}"), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        _folder.Write(ModelFolder.WeightsFile, [.. length, .. header, .. data]);
    }

    private string Refused() => Assert.Throws<InvalidDataException>(() => Checkpoint.Open(_folder.Path)).Message;
}
