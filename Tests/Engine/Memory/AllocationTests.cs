using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using Xunit.Abstractions;

namespace SpikeEngine.Tests.Engine.Memory;

/// <summary>After warm-up a decoded token allocates nothing and a training step next to nothing.</summary>
[Collection(Lanes.Name)]
public class AllocationTests(ITestOutputHelper output)
{
    private const int WarmUp = 12;
    private const int Measured = 8;
    private const long BytesPerStep = 64 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ADecodedTokenAllocatesNothing(int threads) => Lanes.WithThreads(threads, () =>
    {
        Mamba2LanguageModel model = new(Config, ParameterStore.Random(1));
        foreach (Mamba2LanguageModel each in new[] { model, model.ToSpikingStudent(new()) })
        {
            DecoderSession session = new Mamba2Decoder(each).NewSession();
            session.Step(3);
            Assert.Equal(0, Allocated.ByOne(() => session.Step(3)));
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ATrainingStepAllocatesLittle(int threads) => Lanes.WithThreads(threads, () =>
    {
        Mamba2LanguageModel model = new(Config, ParameterStore.Random(1));
        LanguageModelObjective objective = new(model, TinyModels.Batches(Config, batch: 2, length: 64));
        AdamW optimizer = new(model.Store);
        Workspace workspace = new();

        long bytes = BytesPerCall(() =>
        {
            using Workspace.Scope scope = workspace.Open();
            model.Store.ZeroGrad();
            objective.Next();
            using Tape tape = Tape.Begin();
            tape.Backward(objective.Loss());
            GradientClipping.Clip(model.Store, 1f);
            optimizer.Step(1e-3f);
        });
        output.WriteLine($"{bytes} bytes in a training step of {Config.LayerCount} layers");
        Assert.InRange(bytes, 0, BytesPerStep);
    });

    /// <summary>The loop that README.md shows, with a network large enough for its tensors to count.</summary>
    [Fact]
    public void AStepOfTheLoopInReadmeAllocatesLittle()
    {
        ParameterStore parameters = ParameterStore.Random(1);
        Linear hidden = new(parameters.Root / "hidden", 256, 512, hasBias: true), last = new(parameters.Root / "last", 512, 10, hasBias: true);
        AdamW optimizer = new(parameters);
        Workspace workspace = new();
        Tensor x = Tensor.RandomNormal(new SeededRandom(1, "x"), 64, 256);
        int[] labels = [.. Enumerable.Range(0, 64).Select(i => i % 10)];

        long bytes = BytesPerCall(() =>
        {
            using Tape tape = Tape.Begin(workspace);
            parameters.ZeroGrad();
            Tensor loss = Ops.CrossEntropy(last.Forward(Ops.Tanh(hidden.Forward(x))), labels);
            loss.Backward();
            optimizer.Step(1e-3f);
        });
        output.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 0, 4 * 1024);
    }

    /// <summary>The training loop around the step: batches, schedule, clock and progress.</summary>
    [Fact]
    public void TheTrainerAllocatesLittle()
    {
        const int Steps = 40, From = 20;
        List<long> bytes = new(Steps);
        Mamba2LanguageModel model = TinyModels.Dense();
        TinyModels.Train(
            new LanguageModelObjective(model, TinyModels.Batches(model.Config, batch: 8, length: 256, tokens: 10_000)),
            new TrainerOptions { Steps = Steps, LearningRate = 1e-3f },
            _ => bytes.Add(GC.GetAllocatedBytesForCurrentThread()));

        output.WriteLine($"{(bytes[^1] - bytes[From]) / (Steps - 1 - From)} bytes in a step of the loop");
        Assert.InRange((bytes[^1] - bytes[From]) / (Steps - 1 - From), 0, BytesPerStep);
    }

    /// <summary>What a step allocates dies with it: neither the managed heap nor the process grows over 2,000 steps.</summary>
    [Fact]
    public void MemoryStaysFlatOverThousandsOfSteps()
    {
        const int Early = 1_000, Late = 2_000;   // the compiler is still busy in the first hundreds
        Mamba2LanguageModel model = TinyModels.Dense();
        MemoryProbe probe = new(Early, Late);
        TinyModels.Train(
            new LanguageModelObjective(model, TinyModels.Batches(model.Config, batch: 2, length: 16, tokens: 1_000)),
            new TrainerOptions { Steps = Late, LearningRate = 1e-3f },
            probe.Report);

        output.WriteLine($"heap {probe.Heap[0]} to {probe.Heap[1]} bytes, process {probe.Resident[0] >> 10} to {probe.Resident[1] >> 10} KB");
        Assert.InRange(probe.Heap[1] - probe.Heap[0], long.MinValue, 64 * 1024);
        Assert.InRange(probe.Resident[1] - probe.Resident[0], long.MinValue, 8L << 20);
    }

    /// <summary>Looks at memory after two of the steps, with everything collected that can be.</summary>
    private sealed class MemoryProbe(int early, int late)
    {
        public long[] Heap { get; } = new long[2];

        public long[] Resident { get; } = new long[2];

        public void Report(TrainingProgress value)
        {
            if (value.Step != early && value.Step != late)
                return;
            int at = value.Step == early ? 0 : 1;

            // The collector gives back at both what other tests have left: only what the steps themselves keep can differ.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Heap[at] = GC.GetTotalMemory(forceFullCollection: true);
            Resident[at] = Environment.WorkingSet;
        }
    }

    private static Mamba2Config Config { get; } = new() { VocabSize = 1024, DModel = 64, LayerCount = 24, DState = 16, HeadDim = 32, ChunkSize = 32 };

    private static long BytesPerCall(Action action)
    {
        for (int i = 0; i < WarmUp; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Measured; i++)
            action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Measured;
    }
}
