using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Runs;

/// <summary>Text that a model is measured on while it is trained, the same every time.</summary>
internal sealed class HeldOutText
{
    private readonly int[] _ids;
    private readonly bool[] _starts;
    private readonly long _bytes;
    private readonly int _window;

    /// <summary>The beginning of a stream.</summary>
    /// <param name="tokens">The stream.</param>
    /// <param name="most">Most tokens of it.</param>
    /// <param name="window">Tokens that the model reads at once.</param>
    /// <param name="tokenizer">Tells how many bytes they stand for.</param>
    /// <param name="resetState">Whether the model forgets where documents begin, as in training.</param>
    public HeldOutText(ITokenStream tokens, long most, int window, Tokenizer tokenizer, bool resetState)
    {
        _ids = new int[Math.Min(Math.Min(tokens.Count, most), Array.MaxLength)];
        tokens.Read(0, _ids);
        _window = window;
        _starts = new bool[resetState ? _ids.Length : 0];
        if (resetState)
            tokens.MarkStarts(0, _starts);

        // The end of a document counts as one byte, like the line end that it often is.
        foreach (int id in _ids)
            _bytes += id == tokens.EndOfTextId ? 1 : tokenizer.BytesOf(id, skipSpecialTokens: false).Length;
    }

    /// <summary>Tokens.</summary>
    public int Count => _ids.Length;

    /// <summary>The tokens themselves.</summary>
    public ReadOnlyMemory<int> Ids => _ids;

    /// <summary>Tokens that a token sees in the mean, itself included, of its own document and window.</summary>
    /// <param name="most">Tokens of a window, if the model has fewer positions.</param>
    public double MeanKeys(int? most)
    {
        int window = Math.Min(_window, most ?? _window);
        long seen = 0, keys = 0;
        for (int i = 0; i < _ids.Length - 1; i++)
        {
            keys = i % window == 0 || (_starts.Length > 0 && _starts[i]) ? 1 : keys + 1;
            seen += keys;
        }

        return (double)seen / (_ids.Length - 1);
    }

    /// <summary>Adds loss, perplexity, bits per byte and, of a spiking model, the share of inputs that spike.</summary>
    public void Measure(LanguageModel model, Metrics metrics, CancellationToken cancellation)
    {
        SpikeStatistics? spikes = model.Config.NewStatistics();
        Perplexity perplexity = Measure(model, spikes, cancellation);
        metrics.Add("loss", Math.Log(perplexity.PerToken));
        metrics.Add("perplexity", perplexity.PerToken);
        metrics.Add("bits_per_byte", perplexity.BitsPerByte);
        if (spikes is not null)
            metrics.Add("spike_rate", spikes.Total.Density);
    }

    /// <summary>How well a model predicts it, and the spikes on the way.</summary>
    public Perplexity Measure(LanguageModel model, SpikeStatistics? spikes, CancellationToken cancellation) =>
        Perplexity.Measure(model, _ids, _bytes, _window, spikes, cancellation, _starts);
}
