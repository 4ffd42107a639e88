using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Perplexity, cloze and spikes of a model on the held-out text.</summary>
internal static class ModelEvaluation
{
    public static ModelScores Measure(
        Mamba2LanguageModel model, QuickstartText text, int window, SpikeStatistics? spikes, CancellationToken cancellation)
    {
        Perplexity perplexity = Perplexity.Measure(model, text.Validation, window, spikes, cancellation);
        ClozeResult cloze = Cloze.Measure(model, text.Tokenizer, text.Cloze, cancellation);
        return new ModelScores
        {
            Parameters = model.Parameters.Count,
            ValPpl = perplexity.PerToken,
            BitsPerByte = perplexity.BitsPerByte,
            ClozeAcc = cloze.Accuracy,
            ClozeSe = cloze.StandardError,
            ClozeItems = cloze.Items,
        };
    }

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
