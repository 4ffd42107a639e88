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
        foreach (Mamba2LanguageModel each in new[] { model, model.ToSpikingStudent(new(), compensation: 0f) })
        {
            Mamba2Session session = new Mamba2Decoder(each).NewSession();
            Assert.Equal(0, BytesPerCall(() => session.Step(3)));
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ATrainingStepAllocatesLittle(int threads) => Lanes.WithThreads(threads, () =>
    {
        Mamba2LanguageModel model = new(Config, ParameterStore.Random(1));
        LanguageModelObjective objective = new(model);
        AdamW optimizer = new(model.Parameters);
        Workspace workspace = new();
        TokenBatch batch = TinyModels.Batch(Config, batch: 2, length: 64);

        long bytes = BytesPerCall(() =>
        {
            using Workspace.Scope scope = workspace.Open();
            model.Parameters.ZeroGrad();
            using Tape tape = Tape.Begin();
            tape.Backward(objective.Loss(batch));
            GradientClipping.Clip(model.Parameters, 1f);
            optimizer.Step(1e-3f);
        });
        output.WriteLine($"{bytes} bytes in a training step of {Config.LayerCount} layers");
        Assert.InRange(bytes, 0, BytesPerStep);
    });

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
