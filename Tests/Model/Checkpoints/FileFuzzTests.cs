using System.Diagnostics;
using System.Text;
using CsCheck;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Checkpoints.PyTorch;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Checkpoints;

/// <summary>
/// Whatever a few changed bytes do to a file, it either loads or gives the one documented exception, soon and with little
/// memory. The counts below make some 23,000 files in all.
/// </summary>
public sealed class FileFuzzTests : IDisposable
{
    // Bytes with a meaning in a format reach further into its reader than random ones.
    private const string TellingInJson = "{}[]\",:\\u-.0129eE \0";
    private const string TellingInPickle =
        "\u0080\u0085\u0086\u0087\u0088\u008a\u008c\u008d\u0093\u0094\u0095(().0]}aceubshjqrtuXJKMNGQR\n\0\u0001\u00ff";
    private const string TellingInZip = "PK\u0001\u0002\u0003\u0004\u0005\u0006\u0007\0\u00ff\u0008\u0010";

    /// <summary>How the tokenizer's messages begin.</summary>
    private const string Tokenizers = "Tokenizer file '";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("all_dtypes")]
    [InlineData("shapes")]
    [InlineData("names")]
    public void AMutatedSafetensorsFileLoadsOrIsRefused(string name)
    {
        byte[] original = File.ReadAllBytes(LoaderManifest.PathOf($"safetensors/valid/{name}.safetensors"));
        Check(1500, Mutated(original, TellingInJson), "mutated.safetensors", ReadEverything);
    }

    public static TheoryData<string> PyTorchFiles => ["dtypes", "module_state_dict", "protocol4", "torch2_layout", "views"];

    [Theory]
    [MemberData(nameof(PyTorchFiles))]
    public void AMutatedPyTorchFileLoadsOrIsRefused(string name)
    {
        byte[] original = File.ReadAllBytes(LoaderManifest.PathOf($"bin/valid/{name}.bin"));
        Check(800, Mutated(original, TellingInZip), "mutated.bin", ReadEverything);
    }

    [Theory]
    [MemberData(nameof(PyTorchFiles))]
    public void AMutatedPickleLoadsOrIsRefused(string name)
    {
        string path = LoaderManifest.PathOf($"bin/valid/{name}.bin");
        using var file = FileMapping.Open(path);
        ZipRecord pickle = ZipIndex.Read(path, file).Records.Values.Single(r => r.Name.EndsWith("/data.pkl", StringComparison.Ordinal));
        byte[] original = File.ReadAllBytes(path), inside = original.AsSpan((int)pickle.Start, (int)pickle.Length).ToArray();
        Gen<byte[]> mutated = Mutated(inside, TellingInPickle, cut: false).Select(bytes =>
        {
            byte[] whole = [.. original];
            bytes.CopyTo(whole, (int)pickle.Start);
            return whole;
        });
        Check(1200, mutated, "mutated.bin", ReadEverything);
    }

    public static TheoryData<string> Models => GoldenFiles.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void AMutatedHuggingFaceConfigurationLoadsOrIsRefused(string model) => CheckConfig(model, "hf");

    public static TheoryData<string> StateSpacesModels => GoldenFiles.ModelsIn("ss");

    [Theory]
    [MemberData(nameof(StateSpacesModels))]
    public void AMutatedStateSpacesConfigurationLoadsOrIsRefused(string model) => CheckConfig(model, "ss");

    [Fact]
    public void AMutatedIndexOfShardsLoadsOrIsRefused()
    {
        SafetensorsWriter.Write(_folder.File("x.safetensors"), [("a", [2], new float[2]), ("b", [], new float[1])]);
        File.Copy(LoaderManifest.PathOf("bin/valid/views.bin"), _folder.File("y.bin"));
        using var views = PyTorchFile.Open(_folder.File("y.bin"));
        IEnumerable<string> tensors = views.Entries.Select(entry => $"\"{entry.Name}\": \"y.bin\"");
        byte[] index = Encoding.UTF8.GetBytes(
            $$"""{"metadata": {"total_size": 12}, "weight_map": {"a": "x.safetensors", "b": "x.safetensors", {{string.Join(", ", tensors)}} } }""");
        Check(2000, Mutated(index, TellingInJson + "./abxy"), "model.safetensors.index.json", ReadEverything);
    }

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    [InlineData("special_tokens_map.json")]
    public void MutatedFilesOfATokenizerLoadOrAreRefused(string name)
    {
        Dictionary<string, string> files = new()
        {
            ["vocab.json"] = """{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6}""",
            ["merges.txt"] = "#version: 0.2\na b\n",
            ["special_tokens_map.json"] = """{"eos_token": {"content": "</s>", "lstrip": false}, "pad_token": "<pad>"}""",
        };
        foreach ((string other, string content) in files)
            _folder.Write(other, content);
        Check(1000, Mutated(Encoding.UTF8.GetBytes(files[name]), TellingInJson), name, _ =>
        {
            var tokenizer = Tokenizer.Load(_folder.File("vocab.json"));
            tokenizer.Decode(tokenizer.Encode("aba</s>"));
        });
    }

    [Fact]
    public void AMutatedTokenizerLoadsOrIsRefused()
    {
        byte[] original = File.ReadAllBytes(Path.Combine(GoldenFiles.Folder("G_tokenizer"), "tiny_tokenizer.json"));
        Check(1500, Mutated(original, TellingInJson), "tokenizer.json", path =>
        {
            var tokenizer = Tokenizer.Load(path);
            tokenizer.Decode(tokenizer.Encode("Some text\u00e9 <|endoftext|> 12"));
        });
    }

    private void CheckConfig(string model, string form)
    {
        byte[] original = File.ReadAllBytes(Path.Combine(GoldenFiles.Folder("A_models"), model, form, "config.json"));
        foreach (string file in Directory.GetFiles(Path.Combine(GoldenFiles.Folder("A_models"), model, form)).Where(file => !file.EndsWith("config.json", StringComparison.Ordinal)))
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        Check(500, Mutated(original, TellingInJson), "config.json", path =>
        {
            ModelConfig.Load(path);
            Checkpoint.Open(_folder.Path).Dispose();
        });
    }

    /// <summary>Some bytes replaced, sometimes a part put over another one, and sometimes the end cut off.</summary>
    private static Gen<byte[]> Mutated(byte[] original, string telling, bool cut = true)
    {
        Gen<byte> value = Gen.Frequency((1, Gen.Byte), (2, Gen.Int[0, telling.Length - 1].Select(i => (byte)telling[i])));
        Gen<int> place = Gen.Int[0, original.Length - 1];
        return Gen.Select(
            Gen.Select(place, value).Array[1, 4],
            Gen.Frequency((4, Gen.Const((0, 0, 0))), (1, Gen.Select(place, place, Gen.Int[1, 64]))),
            Gen.Frequency((cut ? 5 : 1, Gen.Const(original.Length)), (cut ? 1 : 0, Gen.Int[0, original.Length])))
        .Select((changes, moved, length) =>
        {
            byte[] bytes = [.. original];
            (int from, int to, int count) = moved;
            original.AsSpan(from, Math.Min(count, original.Length - Math.Max(from, to))).CopyTo(bytes.AsSpan(to));
            foreach ((int at, byte changed) in changes)
                bytes[at] = changed;
            return bytes[..length];
        });
    }

    private void Check(int files, Gen<byte[]> mutated, string name, Action<string> load)
    {
        // Once beforehand: what the first call compiles and caches is not the file's doing.
        LoadOrRefuse(_folder.Write(name, ""), load);
        // A reader that never comes back fails the test, and leaves the file where it is.
        Assert.True(Task.Run(() => mutated.Sample(bytes =>
        {
            string path = _folder.Write(name, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            LoadOrRefuse(path, load);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (4 << 20) + 100L * bytes.Length);
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
        }, iter: files, threads: 1)).Wait(TimeSpan.FromMinutes(10)), $"{name} is being read for ever");
    }

    private static void LoadOrRefuse(string path, Action<string> load)
    {
        try
        {
            load(path);
        }
        catch (InvalidDataException error)
        {
            // Of the file, or of another one of its folder that it contradicts.
            string start = error.Message.StartsWith(Tokenizers, StringComparison.Ordinal) ? Tokenizers + HeadOf(path) : Path.GetDirectoryName(path)!;
            Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The file that a tokenizer is named by: its vocabulary where it is in parts.</summary>
    private static string HeadOf(string path) => Path.GetFileName(path) is "merges.txt" or "special_tokens_map.json" ? Path.Combine(Path.GetDirectoryName(path)!, "vocab.json") : path;

    private static void ReadEverything(string path)
    {
        using TensorFile file = path.EndsWith(".json", StringComparison.Ordinal) ? ShardedFile.Open(path) : WeightFiles.OpenFile(path);
        foreach (TensorEntry entry in file.Entries)
        {
            if (ManifestTensors.IsFloat(entry))
                file.ReadFloats(entry.Name);
            else
                file.ReadInt64s(entry.Name);
            Assert.Equal(entry.ByteLength, file.Bytes(entry.Name).Length);
        }
    }
}
