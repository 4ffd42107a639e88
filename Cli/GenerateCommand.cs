using System.CommandLine;
using System.Text;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli;

/// <summary><c>spike generate</c>: streams text from a model folder.</summary>
internal static class GenerateCommand
{
    private const string StandardInput = "-";

    private static readonly SamplingOptions s_defaults = new();

    public static Command Create(Func<TextReader> input, TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> prompt = new("--prompt") { Description = "What to continue; \"\" starts a new text.", HelpName = "TEXT" };
        Option<string?> promptFile = new("--prompt-file")
        {
            Description = $"UTF-8 file with what to continue, exactly as it is; {StandardInput} for the standard input.",
            HelpName = "FILE",
        };
        Option<int> tokens = new Option<int>("--tokens")
        {
            Description = "Most tokens to generate; the end of the text may come earlier.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        }.AtLeast(0);
        Option<string[]> stop = new("--stop")
        {
            Description = "End before this text; may be given several times.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => [],
        };
        Option<float> temperature = new Option<float>("--temperature")
        {
            Description = "0 always takes the most likely token; higher is more varied.",
            HelpName = "T",
            DefaultValueFactory = _ => s_defaults.Temperature,
        }.Within(value => value >= 0, "from 0 on");
        Option<int> topK = new Option<int>("--top-k")
        {
            Description = "Sample from the K most likely tokens only; 0 for all.",
            HelpName = "K",
            DefaultValueFactory = _ => s_defaults.TopK,
        }.AtLeast(0);
        Option<float> topP = new Option<float>("--top-p")
        {
            Description = "Sample from the fewest tokens that have the probability P together; 1 for all.",
            HelpName = "P",
            DefaultValueFactory = _ => s_defaults.TopP,
        }.Within(value => value is > 0 and <= 1, "above 0, at most 1");
        Option<float> minP = new Option<float>("--min-p")
        {
            Description = "Sample from tokens at least P times as likely as the likeliest; 0 for all.",
            HelpName = "P",
            DefaultValueFactory = _ => s_defaults.MinP,
        }.Within(value => value is >= 0 and <= 1, "from 0 to 1");
        Option<float> penalty = new Option<float>("--repetition-penalty")
        {
            Description = "Makes tokens that the text already has less likely when above 1.",
            HelpName = "R",
            DefaultValueFactory = _ => s_defaults.RepetitionPenalty,
        }.Within(value => value > 0, "above 0");
        Option<int> window = new Option<int>("--repetition-window")
        {
            Description = "How many of the latest tokens the penalty looks at; 0 for the whole text.",
            HelpName = "N",
            DefaultValueFactory = _ => s_defaults.RepetitionWindow,
        }.AtLeast(0);
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> logProbabilities = new Option<int?>("--logprobs")
        {
            Description = "Add to --json the log-probability of each token, and those of the N most likely ones.",
            HelpName = "N",
        }.AtLeast(0);
        Option<bool> json = new("--json") { Description = "Print one JSON object for each piece of text, and one for the whole at the end." };
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> weights = WeightTypes.Option("--weights", "Convert the projections to this type while loading. [default: as they are stored]");
        Option<string?> head = WeightTypes.Option("--head", "Convert the embedding and the head to this type while loading. [default: as --weights]");
        Option<string?> spiking = SpikingOption.Create();

        Command command = new("generate", "Stream text from a model, dense or spiking.")
        {
            model, prompt, promptFile, tokens, stop, temperature, topK, topP, minP, penalty, window, seed, logProbabilities, json, threads,
            weights, head, spiking,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(prompt) is null == result.GetResult(promptFile) is null)
                result.AddError("Exactly one of --prompt and --prompt-file is needed.");
            if (result.GetResult(logProbabilities) is not null && result.GetResult(json) is null)
                result.AddError("--logprobs needs --json, which prints them.");
            if (result.GetResult(stop) is { Implicit: false } given && given.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("--stop is empty; it must be a text.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            GenerationOptions options = new()
            {
                MaxTokens = parsed.GetValue(tokens),
                StopStrings = parsed.GetValue(stop)!,
                LogProbabilities = parsed.GetValue(logProbabilities),
                Sampling = new SamplingOptions
                {
                    Temperature = parsed.GetValue(temperature),
                    TopK = parsed.GetValue(topK),
                    TopP = parsed.GetValue(topP),
                    MinP = parsed.GetValue(minP),
                    RepetitionPenalty = parsed.GetValue(penalty),
                    RepetitionWindow = parsed.GetValue(window),
                    Seed = parsed.GetValue(seed),
                },
            };
            CommonOptions.Apply(parsed.GetValue(threads));
            string folder = parsed.GetRequiredValue(model);
            SpikingOption? neurons = SpikingOption.Parse(parsed.GetValue(spiking));
            DecoderOptions decoderOptions = new()
            {
                Weights = WeightTypes.OfOptional(parsed.GetValue(weights)), Head = WeightTypes.OfOptional(parsed.GetValue(head)), Spiking = neurons?.Config,
            };
            IGenerationOutput writer = parsed.GetValue(json) ? new JsonGenerationOutput(output) : new PlainGenerationOutput(output, error);

            // On another thread: Ctrl-C is listened for only once this call has returned.
            return Task.Run(
                () => RunAsync(folder, parsed.GetValue(prompt) ?? Read(parsed.GetRequiredValue(promptFile)!, input), decoderOptions, neurons, options, writer, cancellation),
                cancellation);
        });
        return command;
    }

    private static string Read(string file, Func<TextReader> input)
    {
        if (file == StandardInput)
            return input().ReadToEnd();
        try
        {
            return File.ReadAllText(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"'{file}' is not UTF-8 text. ({error.Message})", error);
        }
    }

    private static async Task<int> RunAsync(
        string folder, string prompt, DecoderOptions decoderOptions, SpikingOption? neurons, GenerationOptions options, IGenerationOutput output,
        CancellationToken cancellation)
    {
        var decoder = LanguageDecoder.Load(folder, decoderOptions);
        Tokenizer tokenizer = Tokenizer.Load(ModelFolder.TokenizerOf(folder));
        int[] ids = tokenizer.Encode(prompt);
        if (decoder.Config.MaxLength is { } most && ids.Length > most)
            throw new InvalidDataException($"The prompt has {ids.Length} tokens; '{folder}' has positions for {most}.");
        TextGenerator generator = new(neurons?.Calibrate(decoder, ids) ?? decoder, tokenizer);
        IAsyncEnumerable<GeneratedPiece> pieces = generator.StreamPiecesAsync(prompt, options, cancellation);
        output.Begin(prompt);
        try
        {
            await foreach (GeneratedPiece piece in pieces)
                output.Write(piece);
        }
        finally
        {
            // What was stopped has an end as well.
            output.End(generator.Statistics);
        }

        return SpikeCommandLine.Success;
    }
}
