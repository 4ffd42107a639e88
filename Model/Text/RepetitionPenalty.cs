namespace SpikeEngine.Model.Text;

/// <summary>Makes tokens that the text already has less likely.</summary>
/// <param name="penalty">Divides positive logits and multiplies negative ones.</param>
/// <param name="window">How many of the latest tokens count; 0 for all.</param>
internal sealed class RepetitionPenalty(float penalty, int window)
{
    private readonly Dictionary<int, int> _lastSeen = [];   // the latest place of each token in the text, from 1 on
    private int _length;

    public void Observe(int token) => _lastSeen[token] = ++_length;

    public void Apply(Span<float> logits)
    {
        // Room for every token at once: later tokens allocate nothing.
        _lastSeen.EnsureCapacity(logits.Length);
        foreach ((int token, int place) in _lastSeen)
        {
            if ((uint)token >= (uint)logits.Length)
                throw new ArgumentException($"Token {token} was observed, which is outside the {logits.Length} logits.", nameof(logits));
            if (window > 0 && _length - place >= window)
                continue;
            float logit = logits[token];
            logits[token] = Math.Clamp(logit < 0f ? logit * penalty : logit / penalty, float.MinValue, float.MaxValue);
        }
    }
}
