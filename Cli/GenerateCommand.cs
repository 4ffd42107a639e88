using System.CommandLine;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli;

/// <summary><c>spike generate</c>: streams text from a model folder.</summary>
internal static class GenerateCommand
{
    private static readonly SamplingOptions s_defaults = new();

    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> prompt = new("--prompt") { Description = "What to continue; \"\" starts a new text.", HelpName = "TEXT", Required = true };
        Option<int> tokens = new Option<int>("--tokens")
        {
            Description = "Most tokens to generate; the end of the text may come earlier.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        }.AtLeast(0);
        Option<float> temperature = new("--temperature")
        {
            Description = "0 always takes the most likely token; higher is more varied.",
            HelpName = "T",
            DefaultValueFactory = _ => s_defaults.Temperature,
        };
        Option<int> topK = new Option<int>("--top-k")
        {
            Description = "Sample from the K most likely tokens only; 0 for all.",
            HelpName = "K",
            DefaultValueFactory = _ => s_defaults.TopK,
        }.AtLeast(0);
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();

        Command command = new("generate", "Stream text from a model, dense or spiking.") { model, prompt, tokens, temperature, topK, seed, threads };
        command.SetAction((parsed, cancellation) =>
        {
            SamplingOptions sampling = new()
            {
                Temperature = parsed.GetValue(temperature),
                TopK = parsed.GetValue(topK),
                Seed = parsed.GetValue(seed),
            };
            CommonOptions.Apply(parsed.GetValue(threads));
            string folder = parsed.GetRequiredValue(model), text = parsed.GetRequiredValue(prompt);

            // On another thread: Ctrl-C is listened for only once this call has returned.
            return Task.Run(() => Run(folder, text, parsed.GetValue(tokens), sampling, output, error, cancellation), cancellation);
        });
        return command;
    }

    private static int Run(
        string folder, string prompt, int tokens, SamplingOptions sampling, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        Mamba2LanguageModel model = ModelFolder.Load(folder);
        Tokenizer tokenizer = Tokenizer.Load(Path.Combine(folder, ModelFolder.TokenizerFile));
        TextGenerator generator = new(new Mamba2Decoder(model), tokenizer);
        IEnumerable<string> pieces = generator.Continue(prompt, tokens, sampling, cancellation);
        output.Write(prompt);
        try
        {
            foreach (string piece in pieces)
            {
                output.Write(piece);
                output.Flush();
            }
        }
        finally
        {
            output.WriteLine();
            output.Flush();
        }

        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"prefill {Speed(generator.PromptTokens, generator.PrefillTime)}, decode {Speed(generator.Tokens, generator.DecodeTime)}"));
        return SpikeCommandLine.Success;
    }

    private static string Speed(int tokens, TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture, $"{tokens} tokens at {(time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0):N0} tokens/s");
}
