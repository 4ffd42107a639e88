using CsCheck;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

/// <summary>Whatever a few changed bytes do to a file, it either loads or gives the one documented exception.</summary>
public sealed class FileFuzzTests : IDisposable
{
    private const int Mutations = 400;

    // Bytes with a meaning in JSON reach further into a parser than random ones.
    private const string Telling = "{}[]\",:\\u-.0129eE \0";

    private static readonly Gen<byte> s_byte = Gen.Frequency(
        (1, Gen.Byte), (2, Gen.Int[0, Telling.Length - 1].Select(i => (byte)Telling[i])));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("all_dtypes")]
    [InlineData("shapes")]
    [InlineData("names")]
    public void AMutatedSafetensorsFileLoadsOrIsRefused(string name)
    {
        byte[] original = File.ReadAllBytes(LoaderManifest.PathOf($"safetensors/valid/{name}.safetensors"));
        Mutated(original).Sample(bytes => LoadsOrIsRefused(bytes, ReadEverything), iter: Mutations, threads: 1);
    }

    public static TheoryData<string> Models => GoldenFiles.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void AMutatedConfigurationLoadsOrIsRefused(string model)
    {
        byte[] original = File.ReadAllBytes(Path.Combine(GoldenFiles.Folder("A_models"), model, "hf", "config.json"));
        Mutated(original).Sample(bytes => LoadsOrIsRefused(bytes, path => HuggingFaceConfig.Load(path)), iter: Mutations, threads: 1);
    }

    /// <summary>Some bytes replaced, and sometimes the end cut off.</summary>
    private static Gen<byte[]> Mutated(byte[] original) =>
        Gen.Select(
            Gen.Select(Gen.Int[0, original.Length - 1], s_byte).Array[1, 4],
            Gen.Frequency((4, Gen.Const(original.Length)), (1, Gen.Int[0, original.Length])))
        .Select((changes, length) =>
        {
            byte[] bytes = [.. original];
            foreach ((int at, byte value) in changes)
                bytes[at] = value;
            return bytes[..length];
        });

    private bool LoadsOrIsRefused(byte[] bytes, Action<string> load)
    {
        string path = _folder.Write("mutated", bytes);
        try
        {
            load(path);
        }
        catch (InvalidDataException error)
        {
            return error.Message.StartsWith(path, StringComparison.Ordinal);
        }
        return true;
    }

    private static void ReadEverything(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (TensorEntry entry in file.Entries)
        {
            if (entry.DType is TensorDType.F64 or TensorDType.F32 or TensorDType.F16 or TensorDType.BF16)
                file.ReadFloats(entry.Name);
            else
                file.ReadInt64s(entry.Name);
        }
    }
}
