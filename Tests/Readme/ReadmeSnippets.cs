using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Readme;

/// <summary>The snippets of README.md, compiled; <see cref="ReadmeTests"/> keeps the two alike and runs them.</summary>
internal static class ReadmeSnippets
{
    public static void Generate()
    {
        Tokenizer tokenizer = Tokenizer.Load("spike-quickstart/student/tokenizer.json");
        Mamba2LanguageModel model = ModelFolder.Load("spike-quickstart/student");
        Mamba2Session session = new Mamba2Decoder(model).NewSession();
        Sampler sampler = new(new SamplingOptions { Temperature = 0.8f, Seed = 1 });
        StreamingDecoder text = new(tokenizer);

        session.Prefill(tokenizer.Encode("Returns a value that indicates whether"));
        for (int i = 0; i < 50; i++)
        {
            int token = sampler.Next(session.Logits);
            Console.Write(text.Append(token));
            session.Step(token);
        }
    }

    public static void Gradient()
    {
        ParameterStore parameters = ParameterStore.Random(seed: 1);
        Parameter weight = parameters.Root.Get("weight", [2, 3], Init.Normal(1f));
        Tensor x = Tensor.From([1f, 2f, 3f], 1, 3);

        using Tape tape = Tape.Begin();
        Tensor loss = Ops.CrossEntropy(Ops.Linear(x, weight), new[] { 1 });
        tape.Backward(loss);
        Console.WriteLine($"loss {loss.Item()}, gradient {string.Join(" ", weight.Grad.ToArray())}");
    }
}
