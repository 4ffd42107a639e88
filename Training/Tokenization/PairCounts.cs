using System.Runtime.InteropServices;

namespace SpikeEngine.Training.Tokenization;

/// <summary>How often each pair of neighbouring tokens occurs in the words, kept up to date while pairs are merged.</summary>
internal sealed class PairCounts
{
    private readonly List<Word> _words = [];
    private readonly Dictionary<(int Left, int Right), Occurrences> _pairs = [];

    // Entries are never removed when a count changes; one whose count is no longer true is put back when it comes up.
    private readonly PriorityQueue<(int Left, int Right), (long Count, int Left, int Right)> _queue = new(MostFrequentFirst.Instance);

    public PairCounts(IEnumerable<(int[] Ids, int Count)> words)
    {
        foreach ((int[] ids, int count) in words)
        {
            _words.Add(new Word([.. ids], count));
            for (int i = 0; i + 1 < ids.Length; i++)
                Add((ids[i], ids[i + 1]), count, _words.Count - 1);
        }

        foreach (((int Left, int Right) pair, Occurrences occurrences) in _pairs)
            _queue.Enqueue(pair, (occurrences.Count, pair.Left, pair.Right));
    }

    /// <summary>The most frequent pair, if one occurs at least twice; among equals the one with the lowest ids.</summary>
    public bool TryTakeMostFrequent(out (int Left, int Right) pair)
    {
        while (_queue.TryDequeue(out pair, out (long Count, int, int) priority))
        {
            long count = _pairs.TryGetValue(pair, out Occurrences? occurrences) ? occurrences.Count : 0;
            if (count < 2)
                continue;
            if (count == priority.Count)
                return true;
            _queue.Enqueue(pair, (count, pair.Left, pair.Right));
        }

        return false;
    }

    /// <summary>Replaces the pair by <paramref name="merged"/> in every word that has it.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        _pairs.Remove(pair, out Occurrences? occurrences);
        var grown = new HashSet<(int Left, int Right)>();
        foreach (int index in occurrences!.Words)
            MergeIn(index, pair, merged, grown);

        // Only a pair that grew could come up too late; those that shrank are found out by TryTakeMostFrequent.
        foreach ((int Left, int Right) p in grown)
        {
            if (_pairs.TryGetValue(p, out Occurrences? now))
                _queue.Enqueue(p, (now.Count, p.Left, p.Right));
        }

        // In "aaa" the pair (a, a) overlaps itself, and counting down the neighbours brought it back.
        _pairs.Remove(pair);
    }

    private void MergeIn(int index, (int Left, int Right) pair, int merged, HashSet<(int Left, int Right)> grown)
    {
        (List<int> ids, int count) = _words[index];
        for (int i = 0; i + 1 < ids.Count; i++)
        {
            if (ids[i] != pair.Left || ids[i + 1] != pair.Right)
                continue;
            if (i > 0)
                Replace((ids[i - 1], pair.Left), (ids[i - 1], merged));
            if (i + 2 < ids.Count)
                Replace((pair.Right, ids[i + 2]), (merged, ids[i + 2]));
            ids[i] = merged;
            ids.RemoveAt(i + 1);
        }

        void Replace((int, int) before, (int, int) after)
        {
            Add(before, -count, index);
            Add(after, count, index);
            grown.Add(after);
        }
    }

    private void Add((int Left, int Right) pair, long count, int word)
    {
        ref Occurrences? occurrences = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
        occurrences ??= new Occurrences();
        occurrences.Count += count;
        if (count > 0)
            occurrences.Words.Add(word);
    }

    private sealed record Word(List<int> Ids, int Count);

    private sealed class Occurrences
    {
        public long Count { get; set; }

        /// <summary>Words that have, or once had, the pair.</summary>
        public HashSet<int> Words { get; } = [];
    }

    private sealed class MostFrequentFirst : IComparer<(long Count, int Left, int Right)>
    {
        public static readonly MostFrequentFirst Instance = new();

        public int Compare((long Count, int Left, int Right) x, (long Count, int Left, int Right) y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count) : (x.Left, x.Right).CompareTo((y.Left, y.Right));
    }
}
