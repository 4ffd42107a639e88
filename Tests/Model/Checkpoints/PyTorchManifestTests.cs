using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Tests.Model.Checkpoints;

public class PyTorchManifestTests
{
    /// <summary>Where the manifest allows both, these are refused with the way to convert them.</summary>
    private static readonly Dictionary<string, string> s_refusedByChoice = new()
    {
        ["bin/valid/nested.bin"] = "state_dict()",
        ["bin/valid/legacy_not_zip.bin"] = "before 1.6",
        ["bin/valid/deflated.bin"] = "torch.save",
        ["bin/valid/byteorder_big.bin"] = "'big'",
    };

    public static TheoryData<string> ValidFiles =>
        [.. LoaderManifest.Names("bin/", "load").Where(name => !s_refusedByChoice.ContainsKey(name))];

    public static TheoryData<string> RefusedByChoice =>
        [.. LoaderManifest.Names("bin/", "load").Where(s_refusedByChoice.ContainsKey)];

    public static TheoryData<string> BrokenFiles => LoaderManifest.Files("bin/", "refuse", "refuse_or_load");

    [Theory]
    [MemberData(nameof(ValidFiles))]
    public void AValidFileGivesEveryTensorBitForBit(string name)
    {
        using var file = PyTorchFile.Open(LoaderManifest.PathOf(name));

        ManifestTensors.AssertAll(LoaderManifest.Case(name), file);
    }

    [Theory]
    [MemberData(nameof(RefusedByChoice))]
    public void AFormThatIsNotReadIsRefusedWithAWayOut(string name)
    {
        Assert.Equal("refuse", LoaderManifest.Case(name).GetProperty("expect_alternative").GetString());
        Assert.Contains(s_refusedByChoice[name], Refused(name), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void ABrokenFileIsRefusedByName(string name)
    {
        string path = LoaderManifest.PathOf(name);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Refused(name);

        // Several of these files claim gigabytes; what is allocated follows what is there.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (1 << 20) + 4 * new FileInfo(path).Length);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.InRange(message.Length, path.Length + 10, path.Length + 1000);
    }

    [Theory]
    [InlineData("malicious_os_system", "'posix.system', which a state dict does not need; nothing was run")]
    [InlineData("malicious_stack_global", "nothing was run")]
    [InlineData("malicious_in_storage_type", "nothing was run")]
    [InlineData("malicious_ext", "opcode 0x82")]
    [InlineData("malicious_newobj", "nothing was run")]
    [InlineData("malicious_legacy", "before 1.6")]
    [InlineData("complex_storage", "complex numbers")]
    [InlineData("huge_shape", "larger than the whole file")]
    [InlineData("stride_past_storage", "tensor 'a' reaches beyond the 4 values of its storage")]
    [InlineData("numel_past_file", "its record 'archive/data/0' has 16 bytes")]
    [InlineData("missing_storage", "'archive/data/7', which is not in the file")]
    [InlineData("key_traversal", "'../version', which is not a plain name")]
    [InlineData("rank_mismatch", "2 sizes and 1 strides")]
    [InlineData("no_data_pkl", "0 records data.pkl")]
    [InlineData("duplicate_members", "record 'archive/data.pkl' is there twice")]
    [InlineData("truncated_zip", "cut short")]
    [InlineData("pickle_protocol_99", "protocol 99")]
    [InlineData("pickle_memo_missing", "never written")]
    [InlineData("pickle_stack_underflow", "empty stack")]
    [InlineData("pickle_long_string", "more bytes")]
    [InlineData("pickle_deep", "nested deeper")]
    [InlineData("pickle_laughs", "values on its stack")]
    [InlineData("not_a_dict", "not a dict")]
    [InlineData("lfs_pointer", "git LFS pointer")]
    public void TheMessageNamesTheOffence(string name, string offence) =>
        Assert.Contains(offence, Refused($"bin/invalid/{name}.bin"), StringComparison.Ordinal);

    private static string Refused(string name) =>
        Assert.Throws<InvalidDataException>(() => PyTorchFile.Open(LoaderManifest.PathOf(name)).Dispose()).Message;
}
