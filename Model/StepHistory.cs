namespace SpikeEngine.Model;

/// <summary>The last moments of a session, each before a call that appended tokens, in memory that is used again.</summary>
internal sealed class StepHistory(int capacity)
{
    private readonly List<SessionSnapshot> _moments = [];   // the latest last

    /// <summary>How many moments are kept.</summary>
    internal int Capacity => capacity;

    /// <summary>Notes a moment; the oldest makes room for it.</summary>
    internal void Note(DecoderSession session)
    {
        if (capacity == 0)
            return;
        if (_moments.Count < capacity)
        {
            _moments.Add(session.Snapshot());
            return;
        }

        SessionSnapshot oldest = _moments[0];
        _moments.RemoveAt(0);
        oldest.CopyFrom(session.State, session.Logits);
        _moments.Add(oldest);
    }

    /// <summary>The moment at a position; it and the later ones are forgotten.</summary>
    /// <exception cref="InvalidOperationException">It is not kept.</exception>
    internal SessionSnapshot TakeBack(long position)
    {
        int at = _moments.FindLastIndex(moment => moment.Position == position);
        if (at < 0)
        {
            throw new InvalidOperationException(
                $"The session cannot return to position {position}; it remembers {(_moments.Count == 0 ? "none" : string.Join(", ", _moments.Select(m => m.Position)))} "
                + $"({capacity} calls at most, as it was asked to when it began).");
        }

        SessionSnapshot moment = _moments[at];
        _moments.RemoveRange(at, _moments.Count - at);
        return moment;
    }

    /// <summary>Forgets all of them.</summary>
    internal void Clear() => _moments.Clear();
}
