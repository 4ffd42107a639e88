using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Distillation.Spad;

/// <summary>What a batch looks like to the teacher: everything that the terms compare with, without gradients.</summary>
internal sealed class SpadTeacher
{
    private readonly ForwardTrace _trace;
    private readonly Tensor[] _maps, _mapRates, _featureRates;
    private readonly int[] _layers;

    /// <param name="teacher">The teacher.</param>
    /// <param name="student">The student's sizes and neurons.</param>
    /// <param name="batch">What both read.</param>
    /// <param name="options">Which terms there are.</param>
    public SpadTeacher(OptLanguageModel teacher, OptConfig student, TokenBatch batch, SpadOptions options)
    {
        bool maps = options.Attention != 0f, features = options.Features != 0f;
        _trace = new ForwardTrace { KeepsBlockOutputs = false, KeepsAttentionMaps = maps, KeepsResiduals = features, KeepsEmbedding = true };
        Hidden = teacher.Hidden(batch.Inputs, batch.BatchSize, _trace, batch.Starts);
        _layers = [.. Enumerable.Range(0, student.LayerCount).Select(layer => Mapped(layer, student.LayerCount, teacher.Config.LayerCount))];
        _maps = maps ? [.. _layers.Select(layer => Heads(_trace.AttentionMaps[layer], student.HeadCount))] : [];
        BinarySpiking neurons = student.Spiking!;
        _mapRates = options.RateShare == 0f ? [] : Array.ConvertAll(_maps, map => Rate(map, neurons));
        _featureRates = features && options.RateShare != 0f ? [.. _layers.Select(layer => Rate(_trace.Residuals[layer], neurons))] : [];
    }

    /// <summary>What the head gets.</summary>
    public Tensor Hidden { get; }

    /// <summary>Embeddings of tokens and positions.</summary>
    public Tensor Embedding => _trace.Embedding!;

    /// <summary>Attention probabilities for a layer of the student, and the rate at which its neurons would spike with them as current.</summary>
    public (Tensor Values, Tensor? Rates) Map(int layer) => (_maps[layer], _mapRates.Length == 0 ? null : _mapRates[layer]);

    /// <summary>What the block for a layer of the student gives, and the same as rates.</summary>
    public (Tensor Values, Tensor? Rates) Features(int layer) => (_trace.Residuals[_layers[layer]], _featureRates.Length == 0 ? null : _featureRates[layer]);

    /// <summary>Which of the teacher's stands for one of the student's, first for first and last for last.</summary>
    internal static int Mapped(int index, int count, int teacherCount) =>
        count == 1 ? teacherCount - 1 : (int)Math.Round((double)index * (teacherCount - 1) / (count - 1), MidpointRounding.AwayFromZero);

    /// <summary>Rate-MSE's other side: the same neuron, with the teacher's number as its constant current over all steps.</summary>
    internal static Tensor Rate(Tensor current, BinarySpiking neurons) => Ops.Scale(Ops.LifCount(current, neurons.TimeSteps, neurons.Neuron), 1f / neurons.TimeSteps);

    /// <summary>As many heads as the student has.</summary>
    private static Tensor Heads(Tensor map, int heads)
    {
        int of = map.Shape[1];
        return of == heads ? map : Ops.IndexSelect(map, Enumerable.Range(0, heads).Select(head => Mapped(head, heads, of)).ToArray(), axis: 1);
    }
}
