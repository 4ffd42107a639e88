using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Mamba2LanguageModel _model = TinyModels.Dense();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheLastOnesAreKept()
    {
        using CheckpointFolder checkpoints = new(_folder.Path, _model) { Keep = 2 };
        foreach (int step in new[] { 3, 5, 100_000_000, 200_000_000 })
            checkpoints.Save(step, new Numbers());
        Assert.Equal(["step-100000000", "step-200000000"], Names());
        Assert.EndsWith("step-200000000", checkpoints.Newest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("training.safetensors")]
    [InlineData("training.json")]
    public void ABitThatFlipsIsNoticedAndTheOneBeforeIsUsed(string file)
    {
        Save(4, 8);
        string path = Path.Combine(_folder.Path, "step-00000008", file);
        byte[] bytes = File.ReadAllBytes(path);
        foreach (int at in new[] { 0, bytes.Length / 3, bytes.Length - 1 })
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.EndsWith("step-00000004", CheckpointFolder.FindNewest(_folder.Path, out IReadOnlyList<string> errors), StringComparison.Ordinal);
            Assert.Contains(file, Assert.Single(errors), StringComparison.Ordinal);
        }

        File.WriteAllBytes(path, bytes);
        Assert.EndsWith("step-00000008", CheckpointFolder.FindNewest(_folder.Path, out IReadOnlyList<string> none), StringComparison.Ordinal);
        Assert.Empty(none);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("training.json")]
    public void AFileThatIsMissingOrCutIsNoticed(string file)
    {
        Save(4, 8);
        string path = Path.Combine(_folder.Path, "step-00000008", file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Assert.Contains(file, Error(), StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains($"{file} is missing", Error(), StringComparison.Ordinal);

        string Error()
        {
            Assert.EndsWith("step-00000004", CheckpointFolder.FindNewest(_folder.Path, out IReadOnlyList<string> errors), StringComparison.Ordinal);
            return Assert.Single(errors);
        }
    }

    [Fact]
    public void ADamagedOneStepsAsideAndIsNotCountedAmongThoseKept()
    {
        Save(4, 8);
        File.Delete(Path.Combine(_folder.Path, "step-00000008", "training.json"));
        using CheckpointFolder checkpoints = new(_folder.Path, _model) { Keep = 1 };
        ResumedRun run = checkpoints.Restore(new Numbers())!;
        Assert.Equal(4, run.Step);
        Assert.Single(run.Damaged);
        Assert.Equal(["step-00000004", "step-00000008.damaged"], Names());

        checkpoints.Save(8, new Numbers());
        Assert.Equal(["step-00000008", "step-00000008.damaged"], Names());
    }

    [Fact]
    public void WhenEveryOneIsDamagedNoRunBeginsAnewInSilence()
    {
        Save(4, 8);
        foreach (string name in Names())
            File.Delete(Path.Combine(_folder.Path, name, "training.json"));
        var error = Assert.Throws<InvalidDataException>(() => CheckpointFolder.FindNewest(_folder.Path, out _));
        Assert.Contains("step-00000004", error.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000008", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAKilledProcessLeftIsRemovedAndNothingElse()
    {
        Save(4);
        foreach (string name in new[] { "step-00000008.partial-0123abcd", "step-00000002.removed-0123abcd", "step-00000004.previous-0123abcd", "notes" })
            _folder.Write($"{name}/model.safetensors", "x");
        Assert.EndsWith("step-00000004", CheckpointFolder.FindNewest(_folder.Path, out _), StringComparison.Ordinal);
        using CheckpointFolder checkpoints = new(_folder.Path, _model);
        Assert.Equal(["notes", "step-00000004"], Names());
    }

    [Fact]
    public void TwoRunsDoNotWriteIntoOneFolder()
    {
        using (CheckpointFolder one = new(_folder.Path, _model))
            Assert.Contains("another run", Assert.Throws<IOException>(() => new CheckpointFolder(_folder.Path, _model)).Message, StringComparison.Ordinal);
        using CheckpointFolder two = new(_folder.Path, _model);
    }

    [Fact]
    public void EveryBitOfAStateComesBack()
    {
        Numbers saved = new()
        {
            Count = long.MinValue, Seed = ulong.MaxValue, Reals = [double.NaN, -0.0, double.Epsilon, 0.1, double.NegativeInfinity, BitConverter.UInt64BitsToDouble(0xFFF8_0000_0000_1234)],
            Label = "über \"alles\"\n", Floats = [float.NaN, -0f, float.Epsilon, 1f / 3], Halves = [0x7FC1, 0x8000, 0x3F80],
        };
        Numbers restored = new();
        using CheckpointFolder checkpoints = new(_folder.Path, _model);
        checkpoints.Save(1, saved);
        checkpoints.Restore(restored);
        Assert.Equal((saved.Count, saved.Seed, saved.Label), (restored.Count, restored.Seed, restored.Label));
        Assert.Equal(saved.Reals.Select(BitConverter.DoubleToInt64Bits), restored.Reals.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(saved.Floats.Select(BitConverter.SingleToInt32Bits), restored.Floats.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(saved.Halves, restored.Halves);
    }

    [Fact]
    public void AStateOfOtherPartsIsRefusedByName()
    {
        Save(1);
        using CheckpointFolder checkpoints = new(_folder.Path, _model);
        Assert.Contains("'floats'", Message(new Numbers { Floats = new float[5] }), StringComparison.Ordinal);
        Assert.Contains("does not have 'more'", Message(new Numbers { More = true }), StringComparison.Ordinal);
        Assert.Contains("has 'label'", Message(new Numbers { Label = null! }), StringComparison.Ordinal);

        string Message(Numbers state) => Assert.Throws<InvalidDataException>(() => checkpoints.Restore(state)).Message;
    }

    private void Save(params int[] steps)
    {
        using CheckpointFolder checkpoints = new(_folder.Path, _model);
        foreach (int step in steps)
            checkpoints.Save(step, new Numbers());
    }

    private string[] Names() => [.. Directory.GetDirectories(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Some of everything.</summary>
    private sealed class Numbers : ITrainingState
    {
        public long Count = 7;
        public ulong Seed = 8;
        public string Label = "label";

        public double[] Reals { get; init; } = new double[6];

        public float[] Floats { get; init; } = new float[4];

        public ushort[] Halves { get; init; } = new ushort[3];

        public bool More { get; init; }

        public void Visit(IStateVisitor state)
        {
            IStateVisitor inside = state.In("a").In("b");
            state.Number("count", ref Count);
            state.Number("seed", ref Seed);
            for (int i = 0; i < Reals.Length; i++)
                inside.Number($"real{i}", ref Reals[i]);
            if (Label is not null)
                state.Text("label", ref Label);
            if (More)
                state.Number("more", ref Count);
            state.Floats("floats", [Floats.Length], Floats);
            state.Halves("halves", [Halves.Length], Halves);
        }
    }
}
