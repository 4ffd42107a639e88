using System.IO.Compression;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

[Collection(Lanes.Name)]
public sealed class CheckpointConversionTests : IDisposable
{
    private static readonly int[] s_tokens = [1, 5, 2, 9, 3, 3, 7];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Folders
    {
        get
        {
            TheoryData<string, string> folders = [];
            foreach (string form in (string[])["hf", "hf_sharded", "ss"])
            {
                foreach (string model in GoldenFiles.ModelNames(form))
                    folders.Add(model, form);
            }

            return folders;
        }
    }

    public static TheoryData<string, string, StorageType> Conversions
    {
        get
        {
            TheoryData<string, string, StorageType> conversions = [];
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                foreach (string model in GoldenFiles.ModelNames("hf"))
                    conversions.Add(model, "hf", type);
                foreach (string model in GoldenFiles.ModelNames("ss"))
                    conversions.Add(model, "ss", type);
            }

            return conversions;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Folders))]
    public void ThereAndBackNothingChanges(string model, string form)
    {
        string original = Golden(model, form);
        using var source = Checkpoint.Open(original);
        string there = NewFolder("there"), back = NewFolder("back");
        CheckpointLayout own = form == "ss" ? CheckpointLayout.StateSpaces : CheckpointLayout.HuggingFace;
        if (own == CheckpointLayout.HuggingFace && !IsExpressible((Mamba2Config)source.Config))
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => CheckpointConversion.Write(there, source, CheckpointLayout.StateSpaces));
            Assert.Contains("the state-spaces format has", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(there));
            return;
        }

        CheckpointConversion.Write(there, source, own == CheckpointLayout.HuggingFace ? CheckpointLayout.StateSpaces : CheckpointLayout.HuggingFace);
        using var middle = Checkpoint.Open(there);
        SameTensors(source, middle);
        SameLogits(original, there);

        CheckpointConversion.Write(back, middle, own);
        using var last = Checkpoint.Open(back);
        SameTensors(source, last);
        SameLogits(original, back);
        Assert.Equal(source.Config, last.Config);
    }

    [Theory]
    [MemberData(nameof(Conversions))]
    public void MatricesAreRoundedAsStoredTensorsAre(string model, string form, StorageType type)
    {
        string original = Golden(model, form), target = NewFolder("out");
        using var source = Checkpoint.Open(original);
        CheckpointConversion.Write(target, source, type: type);
        using var converted = Checkpoint.Open(target);

        foreach (ModelTensor tensor in source.Config.Tensors())
        {
            Tensor values = Values(source, tensor);
            StoredTensor expected = StoredTensor.From(values, tensor.IsMatrix ? type : StorageType.Float32);
            Assert.Equal(tensor.IsMatrix ? type.ToDType() : TensorDType.F32, converted.Entry(tensor.Name).DType);
            Assert.Equal(expected.CodeBytes.ToArray(), converted.Bytes(tensor.Name).ToArray());
            Assert.Equal(expected.ToTensor().Values, Values(converted, tensor).Values);
        }

        DecoderOptions rounded = new() { Weights = type };
        Assert.Equal(Mamba2Decoder.Load(original, rounded).Forward(s_tokens, batch: 1).Values, Mamba2Decoder.Load(target).Forward(s_tokens, batch: 1).Values);
    }

    [Theory]
    [InlineData(StorageType.BFloat16)]
    [InlineData(StorageType.Float16)]
    [InlineData(StorageType.Float32)]
    public void AStateDictIsWrittenInEveryType(StorageType type)
    {
        string target = NewFolder("out");
        using var source = Checkpoint.Open(Golden("m2_untied_g2", "ss"));
        CheckpointConversion.Write(target, source, CheckpointLayout.StateSpaces, type);
        using var converted = Checkpoint.Open(target);

        foreach (ModelTensor tensor in source.Config.Tensors())
            Assert.Equal(StoredTensor.From(Values(source, tensor), tensor.IsMatrix ? type : StorageType.Float32).CodeBytes.ToArray(), converted.Bytes(tensor.Name).ToArray());
    }

    [Theory]
    [InlineData("m1_tied_g1", "hf", null)]
    [InlineData("m2_untied_g2", "ss", null)]
    [InlineData("m2_untied_g2", "ss", StorageType.BFloat16)]
    public void TheHeadHasATypeOfItsOwn(string model, string form, StorageType? type)
    {
        string target = NewFolder("out");
        using var source = Checkpoint.Open(Golden(model, form));
        CheckpointConversion.Write(target, source, type: type, head: StorageType.Int8);
        using var converted = Checkpoint.Open(target);

        foreach (ModelTensor tensor in source.Config.Tensors().Where(tensor => tensor.IsMatrix))
        {
            TensorDType expected = tensor.Name is ModelTensors.Embedding or ModelTensors.Head ? TensorDType.I8 : type?.ToDType() ?? source.Entry(tensor.Name).DType;
            Assert.Equal(expected, converted.Entry(tensor.Name).DType);
        }

        using var again = Checkpoint.Open(target);
        string copy = NewFolder("copy");
        CheckpointConversion.Write(copy, again);
        using var copied = Checkpoint.Open(copy);
        SameTensors(again, copied);
    }

    [Theory]
    [InlineData(StorageType.BFloat16, "bfloat16")]
    [InlineData(StorageType.Float16, "float16")]
    [InlineData(StorageType.Int8, "float32")]
    [InlineData(null, "float32")]
    public void TheConfigurationSaysWhichTypeTransformersShallUse(StorageType? type, string expected)
    {
        using var source = Checkpoint.Open(Golden("m1_tied_g1", "hf"));
        string folder = NewFolder("typed");
        CheckpointConversion.Write(folder, source, type: type);
        using var config = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, ModelFolder.ConfigFile)));
        Assert.Equal(expected, config.RootElement.GetProperty("dtype").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StorageType.Int8)]
    public void ShardsAreSeveralFilesAndTheSameModel(StorageType? type)
    {
        string one = NewFolder("one"), several = NewFolder("several"), again = NewFolder("again");
        using var source = Checkpoint.Open(Golden("m2_untied_g2", "hf"));
        CheckpointConversion.Write(one, source, type: type);
        CheckpointConversion.Write(several, source, type: type, shardBytes: 50_000);

        Assert.True(Directory.GetFiles(several, "*.safetensors").Length > 2);
        Assert.EndsWith(WeightFiles.SafetensorsIndex, WeightFiles.Find(several), StringComparison.Ordinal);
        using Checkpoint whole = Checkpoint.Open(one), shards = Checkpoint.Open(several);
        SameTensors(whole, shards);
        SameLogits(one, several);

        CheckpointConversion.Write(again, shards);
        Assert.Equal(File.ReadAllBytes(WeightFiles.Find(one)), File.ReadAllBytes(WeightFiles.Find(again)));
    }

    [Fact]
    public void ATiedHeadIsASecondNameOfTheEmbedding()
    {
        string target = NewFolder("out");
        using var source = Checkpoint.Open(Golden("m1_tied_g1", "hf"));
        CheckpointConversion.Write(target, source, CheckpointLayout.StateSpaces);
        using var file = PyTorchFile.Open(WeightFiles.Find(target));

        Assert.True(file.Contains("backbone.embedding.weight"));
        Assert.False(file.Contains(ModelTensors.Embedding));
        Assert.Equal(file["backbone.embedding.weight"].Begin, file[ModelTensors.Head].Begin);
        Assert.All(file.Entries, entry => Assert.Equal(0, entry.Begin % 64));
        using ZipArchive zip = ZipFile.OpenRead(file.Path);
        Assert.Equal(source.Config.Tensors().Count(), zip.Entries.Count(entry => entry.FullName.Contains("/data/", StringComparison.Ordinal)));
    }

    [Fact]
    public void SeveralGroupsKeepTheirNorm()
    {
        string target = NewFolder("out");
        using var source = Checkpoint.Open(Golden("m2_untied_g2", "ss"));
        CheckpointConversion.Write(target, source);

        Assert.Contains("\"grouped_norm\": true", File.ReadAllText(Path.Combine(target, ModelFolder.ConfigFile)), StringComparison.Ordinal);
        Assert.Equal(source.Config, ModelConfig.Load(target));
    }

    [Fact]
    public void OneGroupIsAPlainHuggingFaceModel()
    {
        string target = NewFolder("out");
        using var source = Checkpoint.Open(Golden("m1_tied_g1", "ss"));
        CheckpointConversion.Write(target, source);

        Assert.DoesNotContain("grouped_norm", File.ReadAllText(Path.Combine(target, ModelFolder.ConfigFile)), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatStateSpacesCannotSayIsRefusedBeforeAnythingIsWritten()
    {
        string target = NewFolder("out"), bytes = NewFolder("bytes");
        using var source = Checkpoint.Open(Golden("m1_tied_g1", "hf"));
        CheckpointConversion.Write(bytes, source, type: StorageType.Int8);
        using var codes = Checkpoint.Open(bytes);

        Refused("int8", () => CheckpointConversion.Write(target, source, CheckpointLayout.StateSpaces, StorageType.Int8));
        Refused("int8", () => CheckpointConversion.Write(target, source, CheckpointLayout.StateSpaces, head: StorageType.Int8));
        Refused("int8", () => CheckpointConversion.Write(target, codes, CheckpointLayout.StateSpaces));
        Refused("shards", () => CheckpointConversion.Write(target, source, CheckpointLayout.StateSpaces, shardBytes: 1_000_000));
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));

        CheckpointConversion.Write(target, codes, CheckpointLayout.StateSpaces, StorageType.Float32);
        using var decoded = Checkpoint.Open(target);
        Assert.All(source.Config.Tensors(), tensor => Assert.Equal(Values(codes, tensor).Values, Values(decoded, tensor).Values));

        static void Refused(string offence, Action write) =>
            Assert.Contains(offence, Assert.Throws<ArgumentException>(write).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesBeyondHalfPrecisionAreRefused()
    {
        string large = NewFolder("large"), target = NewFolder("out");
        Mamba2LanguageModel model = TinyModels.Dense();
        model.Store["backbone.layers.0.mixer.in_proj.weight"].Values[3] = 70000f;
        ModelFolder.Save(large, model);
        using var source = Checkpoint.Open(large);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CheckpointConversion.Write(target, source, type: StorageType.Float16));
        Assert.Contains("in_proj.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("65504", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(target, ModelFolder.WeightsFile)));
    }

    [Fact]
    public void TheTokenizerComesAlong()
    {
        string from = NewFolder("from"), target = NewFolder("out");
        ModelFolder.Save(from, TinyModels.Dense());
        File.WriteAllText(Path.Combine(from, ModelFolder.TokenizerFile), "{ }");
        using var source = Checkpoint.Open(from);
        CheckpointConversion.Write(target, source);

        Assert.Equal("{ }", File.ReadAllText(Path.Combine(target, ModelFolder.TokenizerFile)));
    }

    /// <summary>Weights do not need it: what cannot be used here, or is only a part, is no reason to refuse.</summary>
    [Fact]
    public void ATokenizerInPartsComesAlongAsItIs()
    {
        string from = NewFolder("from"), target = NewFolder("out");
        ModelFolder.Save(from, TinyModels.Dense());
        File.WriteAllText(Path.Combine(from, "vocab.json"), "no vocabulary");
        File.WriteAllText(Path.Combine(from, "special_tokens_map.json"), "{}");
        using var source = Checkpoint.Open(from);
        CheckpointConversion.Write(target, source);

        Assert.Equal("no vocabulary", File.ReadAllText(Path.Combine(target, "vocab.json")));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(target, "special_tokens_map.json")));
        Assert.False(File.Exists(Path.Combine(target, ModelFolder.TokenizerFile)));
    }

    [Fact]
    public void ProgressRisesAndACancellationStops()
    {
        using var source = Checkpoint.Open(Golden("m1_tied_g1", "hf"));
        List<double> shares = [];
        using CancellationTokenSource stop = new();
        Reports progress = new(share =>
        {
            shares.Add(share);
            if (shares.Count == 3)
                stop.Cancel();
        });

        string target = NewFolder("out");
        Assert.Throws<OperationCanceledException>(() => CheckpointConversion.Write(target, source, progress: progress, cancellation: stop.Token));
        Assert.Equal(3, shares.Count);
        Assert.Equal(shares.Order(), shares);
        Assert.InRange(shares[^1], 0.01, 1);
        Assert.False(File.Exists(Path.Combine(target, ModelFolder.WeightsFile)));
    }

    /// <summary>Bytes of every tensor, and the checksums of a zip file.</summary>
    private static void SameTensors(Checkpoint expected, Checkpoint actual)
    {
        Assert.Equal(expected.Names.Order(StringComparer.Ordinal), actual.Names.Order(StringComparer.Ordinal));
        foreach (string name in expected.Names)
        {
            Assert.Equal(expected.Entry(name).DType, actual.Entry(name).DType);
            Assert.Equal(expected.Entry(name).Shape, actual.Entry(name).Shape);
            Assert.Equal(expected.Bytes(name).ToArray(), actual.Bytes(name).ToArray());
        }

        if (!actual.Path.EndsWith(".bin", StringComparison.Ordinal))
            return;
        using ZipArchive zip = ZipFile.OpenRead(actual.Path);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream content = entry.Open();
            byte[] bytes = new byte[entry.Length];
            content.ReadExactly(bytes);
            Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32(bytes), entry.Crc32);
        }
    }

    private static void SameLogits(string expected, string actual) => Assert.Equal(
        Mamba2Decoder.Load(expected).Forward(s_tokens, batch: 1).Values, Mamba2Decoder.Load(actual).Forward(s_tokens, batch: 1).Values);

    private static Tensor Values(Checkpoint checkpoint, ModelTensor tensor)
    {
        Tensor values = new(new Shape(tensor.Dims));
        checkpoint.ReadFloats(tensor.Name, values.Values);
        return values;
    }

    private static bool IsExpressible(Mamba2Config config) => config.NormEpsilon == 1e-5f && (config.GroupCount == 1 || config.GroupedNorm);

    private static string Golden(string model, string form) => Path.Combine(GoldenFiles.Folder("A_models"), model, form);

    private string NewFolder(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;

    private sealed class Reports(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
