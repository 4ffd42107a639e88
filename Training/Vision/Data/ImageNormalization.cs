using System.Globalization;

namespace SpikeEngine.Training.Vision;

/// <summary>From bytes to what a network sees: (byte / full scale - mean) / std, for each channel.</summary>
public sealed record ImageNormalization
{
    /// <summary>A normalisation.</summary>
    /// <param name="mean">One for each channel, or one for all.</param>
    /// <param name="std">As many, and positive.</param>
    /// <exception cref="ArgumentException">There are not as many of the one as of the other, or a number is out of its range.</exception>
    public ImageNormalization(IReadOnlyList<float> mean, IReadOnlyList<float> std)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        if (mean.Count == 0 || mean.Count != std.Count)
        {
            throw new ArgumentException(
                $"There are {mean.Count} means and {std.Count} deviations; one of each for every channel is expected.", nameof(std));
        }

        if (!mean.All(float.IsFinite))
            throw new ArgumentException($"The means are {Text(mean)}; they must be finite.", nameof(mean));
        if (!std.All(value => value > 0 && float.IsFinite(value)))
            throw new ArgumentException($"The deviations are {Text(std)}; they must be positive and finite.", nameof(std));
        (Mean, Std) = ([.. mean], [.. std]);
    }

    /// <summary>Values from 0 to 1, of any number of channels.</summary>
    public static ImageNormalization None { get; } = new([0f], [1f]);

    /// <summary>What the published code of SNN2ANN uses on CIFAR. Its deviations are more than twice those of the data, and are left so.</summary>
    public static ImageNormalization Cifar { get; } = new([0.4914f, 0.4822f, 0.4465f], [0.557f, 0.549f, 0.5534f]);

    /// <summary>What is taken off; one for each channel, or one for all.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>What is divided by; one for each channel, or one for all.</summary>
    public IReadOnlyList<float> Std { get; }

    /// <summary>Whether the numbers are the same.</summary>
    public bool Equals(ImageNormalization? other) => other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (float value in Mean.Concat(Std))
            hash.Add(value);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"mean {Text(Mean)}, std {Text(Std)}";

    /// <summary>What every byte becomes, [channels, 256].</summary>
    /// <exception cref="ArgumentException">There are means for another number of channels.</exception>
    internal float[] Table(ImageSet set)
    {
        if (Mean.Count != 1 && Mean.Count != set.Channels)
            throw new ArgumentException($"The normalization has {Mean.Count} channels, the images have {set.Channels}.", nameof(set));
        float[] table = new float[set.Channels * (byte.MaxValue + 1)];
        for (int i = 0; i < table.Length; i++)
        {
            int channel = Mean.Count == 1 ? 0 : i / (byte.MaxValue + 1);
            table[i] = ((byte)i / set.FullScale - Mean[channel]) / Std[channel];
        }

        return table;
    }

    private static string Text(IReadOnlyList<float> values) =>
        $"[{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";
}
