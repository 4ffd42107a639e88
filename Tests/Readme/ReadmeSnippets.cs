using SpikeEngine.Model;
using SpikeEngine.Model.Text;
using SpikeEngine.Training;

namespace SpikeEngine.Tests.Readme;

/// <summary>The snippets of README.md, compiled; <see cref="ReadmeTests"/> keeps the two alike and runs them.</summary>
internal static class ReadmeSnippets
{
    public static async Task Generate(CancellationToken cancellation)
    {
        Tokenizer tokenizer = Tokenizer.Load("spike-quickstart/student/tokenizer.json");
        var model = Mamba2Decoder.Load("spike-quickstart/student");
        TextGenerator generator = new(model, tokenizer);
        GenerationOptions options = new() { MaxTokens = 50, Sampling = new() { Temperature = 0.8f, TopP = 0.95f }, StopStrings = ["\n\n"] };

        await foreach (string piece in generator.StreamAsync("Returns a value that indicates whether", options, cancellation))
            Console.Write(piece);
        Console.WriteLine($"{generator.Statistics.FinishReason}, {generator.Statistics.TokensPerSecond:N0} tokens/s");

        DecoderSession session = model.NewSession();
        Sampler sampler = new(new SamplingOptions { Temperature = 0.8f, Seed = 1 });
        StreamingDecoder text = new(tokenizer);

        session.Prefill(tokenizer.Encode("Returns a value that indicates whether"), cancellation);
        for (int i = 0; i < 50; i++)
        {
            int token = sampler.Next(session.Logits);
            Console.Write(text.Append(token));
            session.Step(token);
        }
    }

    /// <summary>The network that learns exclusive or.</summary>
    /// <returns>Its answers, [4, 2].</returns>
    public static Tensor Learn()
    {
        ParameterStore parameters = ParameterStore.Random(seed: 1);
        Mlp mlp = new(parameters.Root);
        AdamW optimizer = new(parameters, new AdamWOptions(WeightDecay: 0f));
        Workspace workspace = new();

        Tensor x = Tensor.From([0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f], 4, 2);
        int[] labels = [0, 1, 1, 0];
        for (int step = 1; step <= 300; step++)
        {
            using Tape tape = Tape.Begin(workspace);
            mlp.ZeroGrad();
            Tensor loss = Ops.CrossEntropy(mlp.Forward(x), labels);
            loss.Backward();
            optimizer.Step(learningRate: 1e-2f);
            if (step % 100 == 0)
                Console.WriteLine($"step {step}: loss {loss.Item():F4}");
        }

        Console.WriteLine(Ops.Softmax(mlp.Forward(x)));
        Helpers(mlp, x, labels);
        return Ops.Softmax(mlp.Forward(x));
    }

    internal sealed class Mlp(ParameterScope scope) : Module(scope)
    {
        private readonly Linear _hidden = new(scope / "hidden", 2, 16, hasBias: true);
        private readonly Linear _output = new(scope / "output", 16, 2, hasBias: true);

        public Tensor Forward(Tensor x) => _output.Forward(Ops.Tanh(_hidden.Forward(x)));
    }

    private static void Helpers(Mlp mlp, Tensor x, int[] labels)
    {
        GradientCheck.Run(mlp, () => Ops.CrossEntropy(mlp.Forward(x), labels)).ThrowIfFailed();
        using NonFiniteGuard guard = NonFiniteGuard.Start();
        using Profiler profiler = Profiler.Start();
        mlp.Forward(x);
        Console.WriteLine(profiler);
    }
}
