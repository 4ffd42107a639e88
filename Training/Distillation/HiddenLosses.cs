using SpikeEngine.Model;

namespace SpikeEngine.Training.Distillation;

/// <summary>The mean over blocks of the distance between the states of teacher and student.</summary>
internal static class HiddenLosses
{
    /// <summary>A trace that keeps what is compared.</summary>
    public static ForwardTrace Trace(DistillationOptions options, bool keepsNeuronInputs = false, Model.Spiking.SpikeStatistics? spikes = null) => new()
    {
        KeepsBlockOutputs = options.HiddenWeight != 0f && options.Hidden.Point == HiddenPoint.Mixer,
        KeepsResiduals = options.HiddenWeight != 0f && options.Hidden.Point != HiddenPoint.Mixer,
        KeepsNeuronInputs = keepsNeuronInputs,
        Spikes = spikes,
    };

    /// <summary>The mean over the blocks.</summary>
    /// <param name="options">What is compared.</param>
    /// <param name="student">Pass of the student.</param>
    /// <param name="studentModel">The student.</param>
    /// <param name="teacher">Pass of the teacher.</param>
    /// <param name="teacherModel">The teacher.</param>
    /// <param name="mask">Which tokens count.</param>
    public static Tensor Mean(
        HiddenOptions options, ForwardTrace student, Mamba2LanguageModel studentModel, ForwardTrace teacher, Mamba2LanguageModel teacherModel, ReadOnlyMemory<bool> mask)
    {
        Tensor? sum = null;
        int blocks = studentModel.Blocks.Count, first = options.LastOnly ? blocks - 1 : 0;
        for (int block = first; block < blocks; block++)
        {
            Tensor of = Of(options.Form, State(options, student, studentModel, block), State(options, teacher, teacherModel, block), mask);
            sum = sum is null ? of : Ops.Add(sum, of);
        }

        return Ops.Scale(sum!, 1f / (blocks - first));
    }

    private static Tensor State(HiddenOptions options, ForwardTrace trace, Mamba2LanguageModel model, int block) => options.Point switch
    {
        HiddenPoint.Mixer => trace.BlockOutputs[block],
        HiddenPoint.PreNorm => trace.Residuals[block],
        _ => (block + 1 < model.Blocks.Count ? model.Blocks[block + 1].Norm : model.NormF).Forward(trace.Residuals[block]),
    };

    private static Tensor Of(HiddenForm form, Tensor student, Tensor teacher, ReadOnlyMemory<bool> mask)
    {
        if (form == HiddenForm.Softmax)
            return Ops.HiddenLoss(student, teacher, mask);
        if (!mask.IsEmpty)
            (student, teacher) = (Kept(student, mask), Kept(teacher, mask));
        double square = 0;
        foreach (float value in teacher.Values)
            square += (double)value * value;
        square /= Math.Max(1, teacher.Count);   // no row may count
        return Ops.Scale(Ops.Mse(student, teacher), (float)(1 / Math.Max(square, float.Epsilon * (1 << 23))));
    }

    /// <summary>The rows that count.</summary>
    private static Tensor Kept(Tensor x, ReadOnlyMemory<bool> mask)
    {
        int[] rows = [.. Enumerable.Range(0, mask.Length).Where(row => mask.Span[row])];
        return Ops.IndexSelect(x.Reshape(x.Rows, x.Columns), rows, axis: 0);
    }
}
