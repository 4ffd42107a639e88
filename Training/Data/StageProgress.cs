namespace SpikeEngine.Training.Data;

/// <summary>Bytes of a source, as progress of one stage.</summary>
internal sealed class StageProgress(IProgress<TokenizingProgress> progress, TokenizingStage stage, long totalBytes) : IProgress<long>
{
    /// <summary>Tokens so far.</summary>
    public long Tokens { get; set; }

    public void Report(long value) => progress.Report(new TokenizingProgress(stage, value, totalBytes, Tokens));
}
