using SpikeEngine.Model;

namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// Continuations of different lengths in one batch, padded on the right, where a causal model cannot see it. Logits are asked for where
/// a token of a continuation is predicted, and nowhere else.
/// </summary>
internal sealed class ContinuationBatch
{
    private readonly int _size;
    private readonly int[] _inputs;      // [size, longest]
    private readonly int[] _positions;   // of the inputs that predict
    private readonly int[] _targets;     // what they predict
    private readonly int[] _lengths;     // of the continuations

    public ContinuationBatch(IReadOnlyList<Continuation> continuations)
    {
        int length = continuations.Max(Length);
        _size = continuations.Count;
        _inputs = new int[_size * length];
        _lengths = [.. continuations.Select(c => c.Tokens.Length)];
        _positions = new int[_lengths.Sum()];
        _targets = new int[_positions.Length];
        int filled = 0;
        for (int row = 0; row < _size; row++)
        {
            (int[] context, int[] tokens) = continuations[row];
            Span<int> inputs = _inputs.AsSpan(row * length, length);
            context.CopyTo(inputs);
            tokens.AsSpan(0, tokens.Length - 1).CopyTo(inputs[context.Length..]);
            tokens.CopyTo(_targets.AsSpan(filled));
            for (int i = 0; i < tokens.Length; i++)
                _positions[filled++] = row * length + context.Length - 1 + i;
        }
    }

    /// <summary>Inputs that a continuation takes: all but the last of its tokens.</summary>
    public static int Length(Continuation continuation) => continuation.Context.Length + continuation.Tokens.Length - 1;

    /// <summary>Σ log p(token | everything before) of each continuation, [size], recorded when a tape is open.</summary>
    public Tensor LogProbabilities(LanguageModel model, ForwardTrace? trace = null) =>
        Ops.SumRuns(Ops.SelectiveLogSoftmax(model.ForwardAt(_inputs, _size, _positions, trace), _targets), _lengths);
}
