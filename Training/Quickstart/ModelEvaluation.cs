using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Perplexity, cloze and spikes of a model on the held-out text.</summary>
internal static class ModelEvaluation
{
    public static ModelScores Measure(
        LanguageModel model, QuickstartText text, int window, SpikeStatistics? spikes, CancellationToken cancellation)
    {
        Perplexity perplexity = Perplexity.Measure(model, text.Validation, window, spikes, cancellation);
        if (!double.IsFinite(perplexity.PerToken))
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"The {(spikes is null ? "teacher" : "student")}'s perplexity on the held-out text is {perplexity.PerToken}: its training failed. Try another seed."));
        }

        ClozeResult cloze = Cloze.Measure(model.ToDecoder(), text.Tokenizer, text.Cloze, cancellation);
        return new ModelScores
        {
            Parameters = model.Store.Count,
            ValPpl = perplexity.PerToken,
            BitsPerByte = perplexity.BitsPerByte,
            ClozeAcc = cloze.Accuracy,
            ClozeSe = cloze.StandardError,
            ClozeItems = cloze.Items,
        };
    }

    /// <summary>Bits per byte of a perplexity per token, over the tokens and bytes of <see cref="Perplexity"/>.</summary>
    public static double BitsPerByte(double perplexity, TokenizedText text) =>
        Math.Log2(perplexity) * (text.Ids.Length - 1) / (text.Utf8Bytes + text.LineCount);

    /// <summary>The spikes of each layer and site, in the order in which a token meets them.</summary>
    public static IReadOnlyList<LayerSpikes> Layers(SpikeStatistics spikes)
    {
        List<LayerSpikes> layers = [];
        for (int layer = 0; layer < spikes.LayerCount; layer++)
        {
            layers.Add(Site(layer, "in_proj", spikes[layer, SpikeSite.InProj]));
            layers.Add(Site(layer, "out_proj", spikes[layer, SpikeSite.OutProj]));
        }

        return layers;
    }

    private static LayerSpikes Site(int layer, string site, SpikeCounts counts) =>
        new(layer, site, counts.Density, counts.MeanMagnitude, counts.NegativeShare);
}
