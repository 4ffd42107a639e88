using SpikeEngine.Model;

namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// Log-likelihoods of continuations by a decoder. Continuations of one context, the choices of a question, share its pass: they go on from
/// the state behind it. Those that have theirs for themselves are read with it. Either way sequences of similar length make a batch.
/// </summary>
internal sealed class DecoderScorer
{
    private const int BatchTokens = 4096;
    private const int LeastShared = 16;             // tokens of a context from which on a pass of its own is worth it
    private const long MostStateBytes = 1L << 28;   // of the states that a batch goes on from

    private readonly LanguageDecoder _model;
    private readonly IReadOnlyList<Continuation> _continuations;
    private readonly IProgress<int>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly double[] _sums;
    private readonly bool[] _greedy;
    private readonly int _mostStates;
    private readonly Workspace _workspace = new();
    private int _done;

    public DecoderScorer(LanguageDecoder model, IReadOnlyList<Continuation> continuations, IProgress<int>? progress, CancellationToken cancellation)
    {
        (_model, _continuations, _progress, _cancellation) = (model, continuations, progress, cancellation);
        _sums = new double[continuations.Count];
        _greedy = new bool[continuations.Count];
        _mostStates = (int)Math.Clamp(MostStateBytes / model.StateBytes(Longest(continuations)), 1, int.MaxValue);
        Array.Fill(_greedy, true);
    }

    public ContinuationScore[] Run()
    {
        List<KeyValuePair<int[], List<int>>> shared = [];
        List<int> apart = [];
        foreach (KeyValuePair<int[], List<int>> group in ByContext())
        {
            if (group.Key.Length >= LeastShared && group.Value.Count > 1)
                shared.Add(group);
            else
                apart.AddRange(group.Value);
        }

        Apart(apart);

        // Contexts of one length make a batch: padding would move them against the chunks of the scan.
        foreach (IGrouping<int, KeyValuePair<int[], List<int>>> alike in shared.GroupBy(group => group.Key.Length).OrderBy(g => g.Key))
        {
            foreach (KeyValuePair<int[], List<int>>[] batch in alike.Chunk(Math.Clamp(BatchTokens / alike.Key, 1, _mostStates)))
                Together(batch);
        }

        return [.. _sums.Select((sum, i) => new ContinuationScore(sum, _greedy[i]))];
    }

    private static int Longest(IReadOnlyList<Continuation> continuations) => continuations.Count == 0 ? 1 : continuations.Max(ContinuationBatch.Length);

    private Dictionary<int[], List<int>> ByContext()
    {
        Dictionary<int[], List<int>> groups = new(TokensComparer.Instance);
        for (int i = 0; i < _continuations.Count; i++)
        {
            if (!groups.TryGetValue(_continuations[i].Context, out List<int>? group))
                groups.Add(_continuations[i].Context, group = []);
            group.Add(i);
        }

        return groups;
    }

    private void Apart(List<int> indices)
    {
        foreach (int[] batch in LengthBatches.Cut(indices, i => ContinuationBatch.Length(_continuations[i]), BatchTokens))
        {
            Pass([.. batch.Select(i => ScoredRow.Whole(_continuations[i], i))], state: null);
            Done(batch.Length);
        }
    }

    private void Together(KeyValuePair<int[], List<int>>[] groups)
    {
        DecoderState contexts = _model.NewState(groups.Length);
        Pass([.. groups.Select(group => ScoredRow.Context(group.Key, group.Value, _continuations))], contexts);
        List<(int Context, int Index)> rests =
            [.. groups.SelectMany((group, context) => group.Value.Where(i => _continuations[i].Tokens.Length > 1).Select(i => (context, i)))];
        Done(groups.Sum(group => group.Value.Count) - rests.Count);
        foreach ((int Context, int Index)[] batch in LengthBatches.Cut(rests, rest => _continuations[rest.Index].Tokens.Length - 1, BatchTokens, _mostStates))
        {
            Pass([.. batch.Select(rest => ScoredRow.Rest(_continuations[rest.Index], rest.Index))], contexts.Select([.. batch.Select(rest => rest.Context)]));
            Done(batch.Length);
        }
    }

    /// <summary>Rows are padded at their ends, where a causal model does not see it.</summary>
    private void Pass(ScoredRow[] rows, DecoderState? state)
    {
        _cancellation.ThrowIfCancellationRequested();
        int length = rows.Max(row => row.Inputs.Length);
        int[] inputs = new int[rows.Length * length];
        List<int> positions = [], targets = [];
        for (int row = 0; row < rows.Length; row++)
        {
            rows[row].Inputs.CopyTo(inputs.AsMemory(row * length));
            positions.AddRange(rows[row].Asked.Select(asked => row * length + asked.Position));
            targets.AddRange(rows[row].Asked.Select(asked => asked.Target));
        }

        using Workspace.Scope scope = _workspace.Open();
        TokenScore[] scores = _model.Score(inputs, rows.Length, positions.ToArray(), targets.ToArray(), state);
        int at = 0;
        foreach ((_, _, int continuation) in rows.SelectMany(row => row.Asked))
        {
            _sums[continuation] += scores[at].LogProbability;
            _greedy[continuation] &= scores[at++].IsGreedy;
        }
    }

    private void Done(int count) => _progress?.Report(_done += count);
}
