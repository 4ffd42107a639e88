using System.CommandLine;
using SpikeEngine.Cli.Bench;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli.Energy;

/// <summary><c>spike energy</c>: operations, bytes, modelled energy, spikes and measured time of a model on a text.</summary>
internal static class EnergyCommand
{
    private const int DefaultTokens = 8192;

    private static readonly EnergyConstants s_defaults = new();

    private static readonly (string Option, string What, Func<EnergyConstants, double> Get, Func<EnergyConstants, double, EnergyConstants> With)[] s_constants =
    [
        ("--e-mac", "multiply-accumulate of 32-bit floats", c => c.MultiplyAccumulate, (c, v) => c with { MultiplyAccumulate = v }),
        ("--e-ac", "addition of 32-bit floats", c => c.Accumulate, (c, v) => c with { Accumulate = v }),
        ("--e-mac8", "multiply-accumulate of bytes", c => c.Int8MultiplyAccumulate, (c, v) => c with { Int8MultiplyAccumulate = v }),
        ("--e-ac8", "addition of a byte", c => c.Int8Accumulate, (c, v) => c with { Int8Accumulate = v }),
        ("--e-neuron", "update of a neuron", c => c.NeuronUpdate, (c, v) => c with { NeuronUpdate = v }),
        ("--e-dram", "byte from memory", c => c.DramByte, (c, v) => c with { DramByte = v }),
        ("--e-sram", "byte from a large memory on the chip", c => c.SramByte, (c, v) => c with { SramByte = v }),
        ("--e-cache", "byte of an activation", c => c.CacheByte, (c, v) => c with { CacheByte = v }),
    ];

    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> text = new("--text") { Description = "UTF-8 text that the model reads.", HelpName = "FILE", Required = true };
        Option<int> tokens = new Option<int>("--tokens") { Description = "Most tokens of it.", HelpName = "N", DefaultValueFactory = _ => DefaultTokens }.AtLeast(2);
        Option<string?> teacher = new("--teacher") { Description = "Folder of a dense model whose energy that of the spiking one is a share of.", HelpName = "DIR" };
        Option<string?> json = new("--json") { Description = "Write all figures to this file as well.", HelpName = "FILE" };
        Option<string?> weights = WeightTypes.Option("--weights", "Count bytes as if the projections were stored in this type. [default: as they are stored]");
        Option<string?> spiking = SpikingOption.Create();
        Option<int?> threads = CommonOptions.Threads();
        Option<double>[] constants = [.. s_constants.Select(c => new Option<double>(c.Option) { Description = $"Picojoules: {c.What}.", HelpName = "PJ", DefaultValueFactory = _ => c.Get(s_defaults) }.Within(pj => pj >= 0, "of picojoules from 0 on"))];
        Command command = new(
            "energy",
            "Count what a model does for a token and what its spikes are like on a text, model its energy at 45 nm, and measure its time in four ways, with the constants and formulas.")
        {
            model, text, tokens, teacher, json, weights, spiking, threads,
        };
        Array.ForEach(constants, command.Add);
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.Apply(parsed.GetValue(threads));
            EnergyConstants energy = s_defaults;
            for (int i = 0; i < constants.Length; i++)
                energy = s_constants[i].With(energy, parsed.GetValue(constants[i]));
            if (parsed.GetValue(json) is { } path)
                CommonOptions.RequireWritable(path);
            string folder = parsed.GetRequiredValue(model), file = parsed.GetRequiredValue(text);
            int[] ids = Tokens(folder, file, parsed.GetValue(tokens));
            var option = SpikingOption.Parse(parsed.GetValue(spiking));
            DecoderOptions options = new() { Weights = WeightTypes.OfOptional(parsed.GetValue(weights)), Spiking = option?.Config };
            return Task.Run(
                () =>
                {
                    EnergyDocument? document = null;
                    ShareProgress.Run(error, "energy", progress => document = new EnergyMeasurement(folder, file, parsed.GetValue(teacher), options, energy)
                        .Run(ids, decoder => option is null ? decoder : option.Calibrate(decoder, ids), progress, cancellation));
                    EnergyPrinter.Print(document!, Consoles.For(output));
                    if (parsed.GetValue(json) is { } target)
                        FiguresFile.Write(target, document!, EnergyJson.Default.EnergyDocument);
                    return SpikeCommandLine.Success;
                }, cancellation);
        });
        return command;
    }

    private static int[] Tokens(string folder, string file, int most)
    {
        _ = ModelConfig.Load(folder);   // first: what is no language model needs no tokenizer
        string path = ModelFolder.TokenizerOf(folder);
        if (!File.Exists(file))
            throw new FileNotFoundException($"--text {file} does not exist.", file);
        int[] ids = Tokenizer.Load(path).Encode(File.ReadAllText(file));
        return ids.Length >= 2 ? ids[..Math.Min(most, ids.Length)] : throw new InvalidDataException($"--text {file} has fewer than two tokens.");
    }
}
