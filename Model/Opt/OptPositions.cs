namespace SpikeEngine.Model.Opt;

/// <summary>Which row of the table of positions belongs to which token.</summary>
internal static class OptPositions
{
    /// <summary>Refuses texts that are longer than the table.</summary>
    /// <exception cref="ArgumentException">They are.</exception>
    public static void Require(OptConfig config, long length)
    {
        if (length > config.MaxPositions)
            throw new ArgumentException($"A text of {length} tokens is longer than the {config.MaxPositions} positions of the model.", nameof(length));
    }

    /// <summary>Rows for whole sequences; they begin again where a document begins.</summary>
    public static int[] Of(int batch, int length, ReadOnlySpan<bool> starts)
    {
        int[] rows = new int[batch * length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = i % length == 0 || (!starts.IsEmpty && starts[i]) ? OptConfig.PositionOffset : rows[i - 1] + 1;
        return rows;
    }
}
