using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Cli;

/// <summary><c>spike info</c>: shapes, parameters and spike settings of a model folder.</summary>
internal static class InfoCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string> model = CommonOptions.Model();
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables." };
        Command command = new("info", "Print shapes, parameters, spike settings and the vector width in use.") { model, json };
        command.SetAction((parsed, cancellation) =>
        {
            ModelInfo info = ModelInfo.Read(parsed.GetRequiredValue(model));
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(info, ModelInfoJson.Default.ModelInfo));
            else
                Print(info, Consoles.For(output));
            return Task.FromResult(SpikeCommandLine.Success);
        });
        return command;
    }

    private static void Print(ModelInfo info, IAnsiConsole console)
    {
        Grid facts = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Fact("model", info.Model);
        Fact("kind", info.Kind);
        Fact("sizes", SizesOf(info.Config));
        Fact("head", info.Config.TieEmbeddings ? "tied to the embedding" : "its own lm_head");
        Fact("neurons", NeuronsOf(info.Config));
        Fact("parameters", info.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        if (info.Problem is { } problem)
            Fact("PROBLEM", problem);
        Fact("vectors", $"{info.Lanes} lanes of 32 bits");
        Fact("threads", info.Threads.ToString(CultureInfo.InvariantCulture));
        console.Write(facts);

        Table parts = Consoles.Table("part", "tensors", "shape", "dtype", "parameters");
        foreach (PartInfo part in info.Parts)
            parts.AddRow(Cell(part.Part), Cell(part.Tensors), Cell(part.Shape), Cell(part.Dtype), Cell(part.Parameters));
        console.Write(parts);

        Table files = Consoles.Table("file", "bytes");
        foreach (FileInfoRow file in info.Files)
            files.AddRow(Cell(file.Name), Cell(file.Bytes));
        console.Write(files);

        void Fact(string name, string value) => facts.AddRow(new Text(name), new Text(value));
    }

    private static Text Cell(object value) => new(string.Format(CultureInfo.InvariantCulture, value is string ? "{0}" : "{0:N0}", value));

    private static string SizesOf(LanguageModelConfig config) => config switch
    {
        Mamba2Config c => $"{c.LayerCount} layers, d_model {c.DModel}, d_inner {c.DInner}, {c.HeadCount} heads of {c.HeadDim}, d_state {c.DState}, "
            + $"{c.GroupCount} group(s), d_conv {c.DConv}, chunk {c.ChunkSize}, vocabulary {c.VocabSize}",
        OptConfig c => $"{c.LayerCount} layers, d_model {c.DModel}, {c.HeadCount} heads of {c.HeadDim}, ffn {c.FfnDim}, {c.MaxPositions} positions, vocabulary {c.VocabSize}"
            + (c.ProjectsEmbedding ? $", embedding {c.EmbeddingWidth}" : ""),
        _ => config.ModelType,
    };

    private static string NeuronsOf(LanguageModelConfig config) => config switch
    {
        Mamba2Config c => Neurons(c.Spiking),
        OptConfig { Spiking: { } s } => string.Create(
            CultureInfo.InvariantCulture,
            $"binary LIF of {s.TimeSteps} steps: threshold {s.Threshold}, beta {s.Beta}, soft reset, arctan {s.SurrogateAlpha}; "
            + $"{(s.PreNorm ? "norms in front" : "no norms")}, residual {OptConfigFile.Residuals.NameOf(s.Residual)}, input x {s.InputScale:G4}"),
        _ => "none",
    };

    private static string Neurons(SpikingConfig? spiking) => spiking is null
        ? "none"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{SpikingNames.Neurons.NameOf(spiking.Neuron)} in front of in_proj and out_proj: spikes {spiking.LowestCount}..{spiking.Levels}, "
            + $"threshold {(spiking.OwnThresholds ? "of each layer" : spiking.Threshold)}, alpha {spiking.Alpha}");
}
