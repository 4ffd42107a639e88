using SpikeEngine.Model;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Training.Distillation.Spad;

/// <summary>
/// What makes a student's features comparable with a teacher's: H' = LN(W H + b) for each block (BiSpikCLM, SFA), and W E for embeddings where widths differ.
/// Parameters of the training, not of the model.
/// </summary>
internal sealed class SpadProjections
{
    private readonly (Linear Projection, LayerNorm Norm)[] _layers;
    private readonly Linear? _embedding;

    public SpadProjections(OptLanguageModel student, OptConfig teacher)
    {
        ParameterScope scope = student.Store.Root / LanguageModel.TrainingOnly / "spad";
        int from = student.Config.DModel, to = teacher.DModel;
        _layers =
        [
            .. Enumerable.Range(0, student.Config.LayerCount).Select(layer => (new Linear(scope / "layers" / layer, from, to), new LayerNorm(scope / "norms" / layer, to))),
        ];
        _embedding = from == to ? null : new Linear(scope / "embedding", from, to, hasBias: false);
    }

    /// <summary>Features of a block, as wide as the teacher's.</summary>
    public Tensor Features(int layer, Tensor hidden) => _layers[layer].Norm.Forward(_layers[layer].Projection.Forward(hidden));

    /// <summary>Embeddings, as wide as the teacher's.</summary>
    public Tensor Embedding(Tensor embedding) => _embedding?.Forward(embedding) ?? embedding;
}
