namespace SpikeEngine.Model;

/// <summary>
/// A moment of a text: the state and the logits of the next token, as a value of its own. Any number of sessions can go on from it, and it
/// can be kept in a file.
/// </summary>
public sealed class SessionSnapshot
{
    private readonly float[] _logits;

    internal SessionSnapshot(DecoderState state, float[] logits)
    {
        State = state;
        _logits = logits;
    }

    /// <summary>Tokens seen up to here.</summary>
    public long Position => State.Position;

    /// <summary>Logits of the token after the last one seen [V].</summary>
    public ReadOnlySpan<float> Logits => _logits;

    internal DecoderState State { get; }

    /// <summary>Writes it, whole or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="NotSupportedException">It is of a model with attention, whose sessions have no file format.</exception>
    public void Save(string path) => StateFile.Write(path, this);

    /// <summary>Reads one that was saved by a session of the same model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model's sizes.</param>
    /// <exception cref="InvalidDataException">The file is damaged, of another version, or of a model with other sizes.</exception>
    public static SessionSnapshot Load(string path, Mamba2Config config) => StateFile.Read(path, config);

    /// <summary>Becomes a copy of another moment of the same model; its memory is used again.</summary>
    internal void CopyFrom(DecoderState state, ReadOnlySpan<float> logits)
    {
        State.CopyFrom(state);
        logits.CopyTo(_logits);
    }
}
