using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int IfPiece = 4096;   // neurons

    /// <summary>
    /// Integrate-and-fire neurons over T steps, from an empty membrane (SNN2ANN, arXiv 2206.09449, section 3.2):  m_t = drop(v_(t-1)) + I_t;
    /// s_t = 1 where m_t > V_th, strictly;  v_t = (1 - s_t) m_t. Without a gradient: the ANN branch has it, or <see cref="Lif"/> where the steps shall.
    /// </summary>
    /// <param name="current">I: [T, N, ...], or [1, N, ...] for a current that is the same in each step.</param>
    /// <param name="threshold">V_th of each neuron of an image: [...], or [1] for all.</param>
    /// <param name="options">Steps, reset, dropout.</param>
    /// <param name="countsOnly">Whether only the numbers of spikes are wanted.</param>
    /// <returns>Spikes [T, N, ...], or null; their numbers [N, ...], from 0 to T.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit, or an option is out of its range.</exception>
    public static (Tensor? Spikes, Tensor Counts) IntegrateAndFire(Tensor current, Tensor threshold, IfOptions options, bool countsOnly = false)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(threshold);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1, nameof(options));
        RequireShare(options.MembraneDropout);
        bool drops = options.MembraneDropout > 0f;
        if (current.Shape.Rank < 3 || (current.Shape[0] != options.Steps && current.Shape[0] != 1))
            throw new ArgumentException($"current is {current.Shape}; [{options.Steps} or 1, images, neurons...] is wanted.", nameof(current));
        int images = current.Shape[1], neurons = current.Count / current.Shape[0] / Math.Max(1, images);
        if (threshold.Count != 1 && threshold.Count != neurons)
            throw new ArgumentException($"threshold is {threshold.Shape}, current {current.Shape}: one for each of the {neurons} neurons of an image is wanted, or one.", nameof(threshold));
        if (drops && options.DropoutKeys.Count != options.Steps)
            throw new ArgumentException($"There are {options.DropoutKeys.Count} keys of dropout for {options.Steps} steps.", nameof(options));

        using var timing = Profiler.Time();
        int[] dims = current.Shape.Dims.ToArray();
        Tensor counts = new(new Shape(dims.AsSpan(1)));
        dims[0] = options.Steps;
        Tensor? spikes = countsOnly ? null : new Tensor(new Shape(dims));
        Tensor thresholds = threshold.Count == neurons ? threshold : Tensor.Full(threshold.Values[0], neurons);
        DropoutMask[] masks = drops ? [.. options.DropoutKeys.Select(key => new DropoutMask(key, (uint)(options.MembraneDropout * 4_294_967_296.0)))] : [];
        int pieces = (neurons + IfPiece - 1) / IfPiece;
        RowParallel.For(images * pieces, 1, (current, spikes, counts, thresholds, masks, options, neurons, pieces), static (a, task, _) =>
        {
            (int image, int piece) = Math.DivRem(task, a.pieces);
            int from = piece * IfPiece, length = Math.Min(IfPiece, a.neurons - from), at = image * a.neurons + from;
            Simd.Run(new IntegrateAndFire
            {
                Steps = a.options.Steps, IsSoft = a.options.Reset == MembraneReset.Soft, Threshold = a.thresholds.Values.Slice(from, length),
                Current = a.current.Values[at..], CurrentStride = a.current.Shape[0] == 1 ? 0 : a.counts.Count,
                Spikes = a.spikes is null ? [] : a.spikes.Values[at..], SpikeStride = a.counts.Count, Counts = a.counts.Values.Slice(at, length),

                // An even number of neurons for each image: the masks are made in pairs.
                Masks = a.masks, FirstInMasks = (a.options.FirstImage + image) * (a.neurons + a.neurons % 2) + from, Scale = 1f / (1f - a.options.MembraneDropout),
            });
        });
        return (spikes, counts);
    }
}
