using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>A model of whatever kind, as checkpoints and runs see it.</summary>
public abstract class TrainedModel
{
    /// <summary>What training changes.</summary>
    public abstract ParameterStore Store { get; }

    /// <summary>A language model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizerPath">A tokenizer to copy beside it, or null.</param>
    public static TrainedModel Of(LanguageModel model, string? tokenizerPath = null) => new TrainedLanguageModel(model, tokenizerPath);

    /// <summary>A network for images.</summary>
    /// <param name="network">The network.</param>
    public static TrainedModel Of(ImageNetwork network) => new TrainedImageNetwork(network);

    /// <summary>Writes it into an existing folder; each file whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="keepsTrainingOnly">Whether parameters that serve training only are written too, to go on with it.</param>
    public abstract void Save(string folder, bool keepsTrainingOnly);

    /// <summary>Names what a checkpoint must share with it.</summary>
    internal abstract void Visit(IStateVisitor state);

    /// <summary>Reads all parameters, of a folder that <see cref="Visit"/> has found to be of the same model.</summary>
    internal abstract void Restore(string folder);

    private sealed class TrainedLanguageModel(LanguageModel model, string? tokenizerPath) : TrainedModel
    {
        public override ParameterStore Store => model.Store;

        public override void Save(string folder, bool keepsTrainingOnly) => ModelFolder.Save(folder, model, tokenizerPath, keepsTrainingOnly);

        internal override void Visit(IStateVisitor state) => ModelIdentity.Visit(state, model.Config);

        internal override void Restore(string folder)
        {
            using Checkpoint weights = Checkpoint.Open(folder);
            foreach (Parameter parameter in model.Parameters())
                weights.ReadFloats(parameter.Path, parameter.Shape.Dims, parameter.Values);
        }
    }

    private sealed class TrainedImageNetwork(ImageNetwork network) : TrainedModel
    {
        public override ParameterStore Store => network.Store;

        public override void Save(string folder, bool keepsTrainingOnly) => ImageModelFolder.Save(folder, network);

        internal override void Visit(IStateVisitor state) => ModelIdentity.Visit(state, network.Config);

        internal override void Restore(string folder)
        {
            using TensorFile weights = WeightFiles.Open(folder);
            foreach (Parameter parameter in network.Parameters())
                weights.ReadFloats(parameter.Path, parameter.Shape.Dims, parameter.Values);
        }
    }
}
