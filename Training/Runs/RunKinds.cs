namespace SpikeEngine.Training.Runs;

/// <summary>The kinds of runs as files and commands spell them.</summary>
public static class RunKinds
{
    /// <summary>The word for a kind: that of the command.</summary>
    public static string NameOf(RunKind kind) => kind switch
    {
        RunKind.Train => "train",
        RunKind.Distill => "distill",
        _ => "align",
    };
}
