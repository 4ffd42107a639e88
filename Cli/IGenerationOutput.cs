using SpikeEngine.Model.Text;

namespace SpikeEngine.Cli;

/// <summary>Where a generated text goes.</summary>
internal interface IGenerationOutput
{
    void Begin(string prompt);

    void Write(GeneratedPiece piece);

    /// <summary>The text is finished, or was stopped.</summary>
    void End(GenerationStatistics statistics);
}
