using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Text;

/// <summary>How to choose the next token.</summary>
public sealed record SamplingOptions
{
    /// <summary>0 takes the most likely token; 1 samples from the model's own distribution.</summary>
    public float Temperature { get; init; } = 0.8f;

    /// <summary>Only the k most likely tokens are sampled from; 0 for all.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Seed of the choices.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        if (!(Temperature >= 0f) || float.IsInfinity(Temperature))
            throw new ArgumentException($"{nameof(Temperature)} is {Temperature}; it must be 0 or a positive number.");
        if (TopK < 0)
            throw new ArgumentException($"{nameof(TopK)} is {TopK}; it must be 0 or positive.");
    }
}

/// <summary>Chooses tokens from logits, reproducibly for a seed.</summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly SeededRandom _random;
    private int[] _order = [];
    private float[] _weights = [];

    /// <summary>A sampler at the start of its random stream.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Sampler(SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = new SeededRandom(options.Seed, "sampler");
    }

    /// <summary>The next token.</summary>
    /// <param name="logits">[V]</param>
    /// <exception cref="InvalidDataException">A logit is not a finite number: the model is damaged.</exception>
    public int Next(ReadOnlySpan<float> logits)
    {
        if (!TensorPrimitives.IsFiniteAll(logits))
            throw new InvalidDataException("The model's logits are not all finite numbers; its weights are damaged.");

        if (_options.Temperature == 0f)
            return ArgMax(logits);

        if (_order.Length != logits.Length)
            (_order, _weights) = (new int[logits.Length], new float[logits.Length]);
        for (int i = 0; i < logits.Length; i++)
            (_order[i], _weights[i]) = (i, -logits[i]);

        Array.Sort(_weights, _order);
        int kept = _options.TopK == 0 ? logits.Length : Math.Min(_options.TopK, logits.Length);
        float largest = -_weights[0];
        double total = 0;
        for (int i = 0; i < kept; i++)
        {
            _weights[i] = LaneMath.Exp((-_weights[i] - largest) / _options.Temperature);
            total += _weights[i];
        }

        double left = _random.NextFloat() * total;
        for (int i = 0; i < kept; i++)
        {
            left -= _weights[i];
            if (left < 0)
                return _order[i];
        }

        return _order[kept - 1];
    }

    /// <summary>The most likely token; the first of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }

        return best;
    }
}
