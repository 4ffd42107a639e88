using System.CommandLine;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli;

/// <summary>Layouts of model folders, by the names that options use.</summary>
internal static class CheckpointLayouts
{
    /// <summary>state-spaces' own layout.</summary>
    public const string StateSpaces = "state-spaces";

    private const string HuggingFace = "hf";

    /// <summary>The layout of a name.</summary>
    public static CheckpointLayout Of(string? name) => name == StateSpaces ? CheckpointLayout.StateSpaces : CheckpointLayout.HuggingFace;

    /// <summary>An option for a layout.</summary>
    public static Option<string> Option()
    {
        Option<string> option = new("--layout")
        {
            Description = "Hugging Face's names with safetensors, or state-spaces' names with pytorch_model.bin.",
            HelpName = $"{HuggingFace}|{StateSpaces}",
            DefaultValueFactory = _ => HuggingFace,
        };
        option.AcceptOnlyFromAmong(HuggingFace, StateSpaces);
        return option;
    }
}
