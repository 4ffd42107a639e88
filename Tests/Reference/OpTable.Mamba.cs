using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Reference;

public static partial class OpTable
{
    private static OpRow[] Mamba() =>
    [
        new("Silu", t => Ops.Silu(t[0]), [[3, 29]], [[70_001]]),
        new("Add of equal shapes", t => Ops.Add(t[0], t[1]), [[3, 29], [3, 29]], [[70_001], [70_001]]),
        new("Add of one to itself", t => Ops.Add(t[0], t[0]), [[5]], [[70_001]]),
        new("Scale by a constant", t => Ops.Scale(t[0], -3f), [[3, 29]], [[70_001]]),
        new("RmsNorm", t => Ops.RmsNorm(t[0], t[1]), [[3, 37], [37]], [[500, 129], [129]]),
        new("RmsNorm of rows of one", t => Ops.RmsNorm(t[0], t[1], 1e-3f), [[2, 2, 1], [1]], [[20_000, 1], [1]]),
        new("RmsNorm of long rows", t => Ops.RmsNorm(t[0], t[1], 1e-3f), [[2, 2, 83], [83]], [[30, 5_000], [5_000]]),
        new("Linear", t => Ops.Linear(t[0], t[1], t[2]), [[2, 5, 19], [7, 19], [7]], [[300, 129], [65, 129], [65]]),
        new("Linear with a residual", t => Ops.Linear(t[0], t[1], residual: t[2]), [[2, 5, 19], [7, 19], [2, 5, 7]], [[300, 129], [65, 129], [300, 65]]),
        new("Linear with bias and residual", t => Ops.Linear(t[0], t[1], t[2], t[3]), [[2, 5, 19], [7, 19], [7], [2, 5, 7]], [[300, 500], [65, 500], [65], [300, 65]]),
        new("Linear of a row with a residual", t => Ops.Linear(t[0], t[1], residual: t[2]), [[1, 19], [7, 19], [1, 7]], [[1, 500], [65, 500], [1, 65]]),
        new("SpikeLinear", t => Ops.SpikeLinear(Ops.TiLif(t[0], 3, 0.4f), t[1], t[2], levels: 3, path: SpikePath.Accumulate), [[2, 5, 19], [7, 19], [7]], [[300, 129], [65, 129], [65]]),
        new("SpikeLinear with a residual", t => Ops.SpikeLinear(Ops.TiLif(t[0], 3, 0.4f), t[1], residual: t[2], levels: 3, path: SpikePath.Accumulate), [[2, 5, 19], [7, 19], [2, 5, 7]], [[300, 129], [65, 129], [300, 65]]),
        new("SpikeLinear of ternary spikes", t => Ops.SpikeLinear(Ops.TiLif(t[0], 1), t[1], levels: 1, path: SpikePath.Accumulate), [[5, 19], [7, 19]], [[300, 400], [65, 400]]),
        new("SpikeLinear of several layers", t => SpikeLayers(Ops.TiLif(t[0], 3, 0.4f), [new(t[1], t[2]), new(t[3])]), [[2, 5, 19], [7, 19], [7], [3, 19]], [[300, 129], [65, 129], [65], [30, 129]]),
        new("Embedding", t => Ops.Embedding(t[0], Ids(20 * t[0].Rows, t[0].Rows), 20, t[0].Rows), [[11, 5]], [[50, 400]]),
        new("TiLif", t => Ops.TiLif(t[0], threshold: 0.7f, compensation: 0.25f), [[5, 29]], [[70_001]]),
        new("ILif", t => Ops.ILif(t[0], levels: 2, threshold: 0.7f, alpha: 0.5f), [[5, 29]], [[70_001]]),
        new("TiLif with a threshold", t => Ops.TiLif(t[0], Ops.Exp(t[1]), 3, SpikeGradient.Default), [[5, 29], [1]], [[70_001], [1]]),
        new("ILif with a threshold", t => Ops.ILif(t[0], Ops.Exp(t[1]), 3, new SpikeGradient { Surrogate = Surrogate.Triangular }), [[5, 29], [1]], [[70_001], [1]]),
        .. from surrogate in Enum.GetValues<Surrogate>()
           from form in Enum.GetValues<SlopeCompensation>()
           select new OpRow(
               $"TiLif of {surrogate}, {form}",
               t => Ops.TiLif(t[0], Ops.Exp(t[1]), 2, new SpikeGradient { Surrogate = surrogate, Alpha = 0.7f, Compensation = 0.3f, CompensationForm = form, CompensationWidth = 2f }),
               [[5, 29], [1]], [[70_001], [1]]),
        .. from surrogate in Enum.GetValues<Surrogate>()
           from reset in Enum.GetValues<MembraneReset>()
           from detaches in new[] { false, true }
           select new OpRow(
               $"Lif of {surrogate}, {reset}{(detaches ? ", detached" : "")}",
               t => Ops.Lif(t[0], new LifOptions { Tau = 1.5f, Threshold = 0.6f, Surrogate = surrogate, Reset = reset, DetachesReset = detaches }).S, [[4, 29]], [[4, 9_001]]),
        .. from surrogate in Enum.GetValues<Surrogate>()
           from reset in Enum.GetValues<MembraneReset>()
           from detaches in new[] { false, true }
           select new OpRow(
               $"LifSpikes of {surrogate}, {reset}{(detaches ? ", detached" : "")}",
               t => Ops.LifSpikes(t[0], new LifOptions { Tau = 1.5f, Threshold = 0.6f, Surrogate = surrogate, Reset = reset, DetachesReset = detaches }), [[4, 29]], [[4, 9_001]]),
        .. from surrogate in Enum.GetValues<Surrogate>()
           from reset in Enum.GetValues<MembraneReset>()
           select new OpRow(
               $"LifCount of {surrogate}, {reset}",
               t => Ops.LifCount(t[0], 4, new LifOptions { Threshold = 0.6f, Surrogate = surrogate, Reset = reset }), [[4, 29]], [[4, 9_001]]),
        new(
            "LifCount in units of a threshold that learns",
            t => Ops.LifCount(Ops.Div(t[0], Ops.Exp(t[1])), 4, new LifOptions { SurrogateFactor = 0.7f }), [[4, 29], [1]], [[4, 9_001], [1]]),
        .. from weights in new LogitWeights[]
           {
               new() { Temperature = 2f }, new() { ReverseShare = 1f, KL = 0.5f }, new() { ReverseShare = 0.7f, CrossEntropy = 0.3f, Temperature = 1.5f },
           }
           select new OpRow(
               $"LinearDistillation of {weights}",
               t => Ops.LinearDistillation(t[0], t[1], t[2], t[3], Labels(t[0].Rows, t[1].Rows), weights).Loss,
               [[2, 5, 9], [33, 9], [10, 7], [33, 7]], [[2, 300, 20], [257, 20], [600, 33], [257, 33]]) { Constants = [2, 3] },
        new(
            "LinearTopKDistillation",
            t => Ops.LinearTopKDistillation(
                t[0], t[1], TopIds(t[0].Rows, 3, t[1].Rows), TopLogProbabilities(t[0].Rows, 3), Labels(t[0].Rows, t[1].Rows), new LogitWeights { CrossEntropy = 0.3f }).Loss,
            [[2, 5, 9], [33, 9]], [[2, 300, 20], [257, 20]]),
        new("SpikeActivity", t => Ops.SpikeActivity(t[0], Ops.Exp(t[1])), [[5, 29], [1]], [[70_001], [1]]),
        new("SpikeActivity without a sign", t => Ops.SpikeActivity(t[0], Ops.Exp(t[1]), hasSign: false), [[5, 29], [1]], [[70_001], [1]]),
        new("Lif of what is left", t => Ops.Lif(t[0], new LifOptions { Threshold = 0.6f }).V, [[4, 29]], [[4, 9_001]]),
        new("Lif of before the reset", t => Ops.Lif(t[0], new LifOptions { Threshold = 0.6f, Reset = MembraneReset.Hard }).H, [[4, 29]], [[4, 9_001]]),
        new("Lif of whole numbers", t => Ops.Lif(t[0], new LifOptions { Levels = 3, Threshold = 0.5f }).S, [[4, 29]], [[4, 9_001]]),
        new("TimeStep", t => Ops.TimeStep(t[0], t[1]), [[2, 21, 24], [24]], [[5_000, 24], [24]]),
        new("TimeStep with limits", t => Ops.TimeStep(t[0], t[1], 0.3f, 1.2f), [[2, 21, 3], [3]], [[10_000, 3], [3]]),
        .. from groups in new[] { 1, 2 }
           from normBeforeGate in new[] { false, true }
           select new OpRow(
               $"GatedRmsNorm of {groups}{(normBeforeGate ? ", norm before gate" : "")}",
               t => Ops.GatedRmsNorm(t[0], t[1], t[2], t[0].Columns / groups, 1e-3f, normBeforeGate),
               [[3, 38], [3, 38], [38]], [[500, 128], [500, 128], [128]]),
        .. Convolutions(),
        .. Losses(),
        .. Scans(),
    ];

    /// <summary>Different classes in each row.</summary>
    private static int[] TopIds(int rows, int k, int classes) => [.. Enumerable.Range(0, rows * k).Select(i => (7 * (i / k) + 5 * (i % k)) % classes)];

    private static float[] TopLogProbabilities(int rows, int k) => [.. Enumerable.Range(0, rows * k).Select(i => MathF.Log(0.4f / (1 + i % k)))];

    private static Tensor SpikeLayers(Tensor spikes, SpikeLayer[] layers) =>
        Ops.Concat(Ops.SpikeLinear(spikes, layers, levels: 3, SpikePath.Accumulate), axis: -1);

    private const int StartsPeriod = 41;   // prime: in the large rows documents start everywhere in chunks, blocks and pieces

    private static OpRow[] Convolutions()
    {
        return
        [
            Convolution(time: 5, channels: 3, kernel: 4),
            Convolution(time: 1, channels: 19, kernel: 4),
            Convolution(time: 6, channels: 18, kernel: 4),                  // full and single lanes with four taps
            Convolution(time: 68, channels: 1, kernel: 4, silu: false),
            Convolution(time: 9, channels: 17, kernel: 1, silu: false),
            Convolution(time: 4, channels: 2, kernel: 6),
            Convolution(time: 67, channels: 2, kernel: 3),                  // two pieces: the second looks back into the first
            Convolution(time: 130, channels: 1, kernel: 70, silu: false),   // a kernel longer than a piece
            Started(time: 12, channels: 3, kernel: 4, 0),
            Started(time: 20, channels: 18, kernel: 4, 5, 6, 19),           // between blocks of four taps, and the second sequence from before its first
            Started(time: 33, channels: 1, kernel: 4, 3, 17, 33),
            Started(time: 3, channels: 2, kernel: 6, 1, 3, 5),              // a kernel longer than the sequence
            Started(time: 5, channels: 2, kernel: 1, 2),
            Started(time: 67, channels: 2, kernel: 3, 15, 64),              // where pieces meet
            Started(time: 67, channels: 2, kernel: 3, 16, 24, 25),          // just before and after
            new("CausalConv1d alone", t => Ops.CausalConv1d(t[0], t[1]), [[1, 3, 300], [300, 1, 2]], [[1, 200, 513], [513, 1, 2]]),
            new("CausalConv1d with bias", t => Ops.CausalConv1d(t[0], t[1], t[2]), [[1, 3, 5], [5, 1, 4], [5]], [[3, 200, 60], [60, 1, 4], [60]]),
            .. from time in new[] { 2, 4, 6 }
               select new OpRow(
                   $"CausalConv1dState of {time}", t => Ops.CausalConv1dState(t[0], 4, t[1]),
                   [[2, time, 3], [2, 3, 4]], [[3, time, 2_000], [3, 2_000, 4]]),
            new("CausalConv1dState from zeros", t => Ops.CausalConv1dState(t[0], 4), [[2, 3, 3]], [[3, 3, 2_000]]),
        ];

        static OpRow Convolution(int time, int channels, int kernel, bool silu = true) => new(
            $"CausalConv1d of {time} steps, {channels} channels, {kernel} taps",
            t => Ops.CausalConv1d(t[0], t[1], t[2], silu, t[3]),
            [[2, time, channels], [channels, 1, kernel], [channels], [2, channels, kernel]],
            [[3, 200, 60], [60, 1, kernel], [60], [3, 60, kernel]]);

        static OpRow Started(int time, int channels, int kernel, params int[] starts) => new(
            $"CausalConv1d of {time} steps, {channels} channels, {kernel} taps, documents at {string.Join(", ", starts)}",
            t => Ops.CausalConv1d(t[0], t[1], t[2], kernel < 6, t[3], Starts(t[0].Rows, starts)),
            [[2, time, channels], [channels, 1, kernel], [channels], [2, channels, kernel]],
            [[3, 200, 60], [60, 1, kernel], [60], [3, 60, kernel]]);
    }

    /// <summary>Documents start at these of the first tokens, and so on every <see cref="StartsPeriod"/> tokens, whatever sequence those are in.</summary>
    private static bool[] Starts(int tokens, int[] at) => [.. Enumerable.Range(0, tokens).Select(i => at.Contains(i % StartsPeriod))];

    private static OpRow[] Losses()
    {
        int[][] logits = [[4, 33]], many = [[300, 257]], pair = [[4, 37], [4, 37]], manyPairs = [[300, 257], [300, 257]];
        return
        [
            .. from reduction in Enum.GetValues<Reduction>()
               from smoothing in new[] { 0f, 0.2f }
               select new OpRow(
                   $"CrossEntropy {reduction}{(smoothing > 0 ? ", smoothed" : "")}",
                   t => Ops.CrossEntropy(t[0], Labels(t[0].Rows, t[0].Columns), reduction, smoothing), logits, many),
            .. from smoothing in new[] { 0f, 0.2f }
               select new OpRow(
                   $"LinearCrossEntropy{(smoothing > 0 ? ", smoothed" : "")}",
                   t => Ops.LinearCrossEntropy(t[0], t[1], Labels(t[0].Rows, t[1].Rows), smoothing), [[4, 5], [33, 5]], [[2, 300, 20], [257, 20]]),
            .. from direction in Enum.GetValues<KLDirection>()
               from temperature in new[] { 1f, 3f }
               select new OpRow(
                   $"KLDivergence {direction}, T = {temperature}",
                   t => Ops.KLDivergence(t[0], t[1], temperature, Mask(t[0]), direction), pair, manyPairs) { Constants = [1] },
            .. from reduction in Enum.GetValues<Reduction>()
               select new OpRow(
                   $"KLDivergence {reduction}",
                   t => Ops.KLDivergence(t[0], t[1], 2f, reduction: reduction), pair, manyPairs) { Constants = [1] },
            new("HiddenLoss", t => Ops.HiddenLoss(t[0], t[1]), pair, manyPairs) { Constants = [1] },
            new("HiddenLoss with a mask", t => Ops.HiddenLoss(t[0], t[1], Mask(t[0])), pair, manyPairs) { Constants = [1] },
        ];
    }

    private static OpRow[] Scans()
    {
        SsdShape large = new(Batch: 1, Length: 600, Heads: 6, HeadDim: 4, Groups: 1, State: 3, Chunk: 16);
        return
        [
            Scan("over blocks of heads", new(1, 7, 6, 4, 1, 3, Chunk: 3), large, Both),   // they share a group
            Scan("over sequences", new(8, 7, 2, 3, 1, 3, Chunk: 7), large with { Batch = 8, Length = 150 }, Both),
            Scan("in groups", new(2, 7, 4, 2, 2, 3, Chunk: 1), large with { Batch = 2, Groups = 2 }, Both),
            Scan("of full registers and tails", new(1, 5, 2, 18, 1, 17, Chunk: 4), large with { HeadDim = 18, State = 17 }, Both),
            Scan("y alone", new(1, 5, 2, 3, 1, 4, Chunk: 2), large, r => r.Y),
            Scan("state alone", new(1, 5, 2, 3, 1, 4, Chunk: 2), large, r => r.FinalState),
            Scan("document at the first token", new(1, 11, 2, 3, 1, 3, Chunk: 4), large, Both, starts: [0]),
            Scan("document inside a chunk", new(1, 11, 2, 3, 1, 3, Chunk: 4), large, Both, starts: [5]),
            Scan("document at the start of a chunk", new(1, 11, 2, 3, 1, 3, Chunk: 4), large, Both, starts: [4]),
            Scan("document at the end of a chunk", new(1, 11, 2, 3, 1, 3, Chunk: 4), large, Both, starts: [7]),
            Scan("documents of one token", new(1, 11, 2, 3, 1, 3, Chunk: 4), large, Both, starts: [2, 3, 4, 5, 10]),
            Scan("documents in two sequences and groups", new(2, 7, 4, 2, 2, 3, Chunk: 5), large with { Batch = 2, Groups = 2 }, Both, starts: [3, 7, 12, 13]),
            Scan("documents in one long chunk", new(1, 40, 1, 2, 1, 2, Chunk: 40), large with { Chunk = 64 }, Both, starts: [2, 17, 18, 36]),   // amid full registers
            Scan("documents from zeros, state alone", new(1, 9, 2, 3, 1, 4, Chunk: 4), large, r => r.FinalState, hasState: false, [2, 6]),
            Scan("from zeros", new(1, 5, 2, 3, 1, 4, Chunk: 2), large, Both, hasState: false),
        ];

        static OpRow Scan(
            string name, SsdShape small, SsdShape large, Func<(Tensor Y, Tensor FinalState), Tensor> result, bool hasState = true, int[]? starts = null)
        {
            return new OpRow(
                $"Ssd {name}",
                t => result(Ops.Ssd(
                    t[0], t[1], t[2], t[3], t[1].Shape[1] == small.Length ? small : large, hasState ? t[4] : null,
                    starts is null ? default : Starts(t[1].Rows, starts))),
                Inputs(small), Inputs(large))
            { Adjust = AdjustScan };

            int[][] Inputs(SsdShape shape) => ScanInputs(shape)[..(hasState ? 5 : 4)];
        }

        static Tensor Both((Tensor Y, Tensor FinalState) r) =>
            Ops.Concat([Ops.Flatten(r.Y), Ops.Flatten(r.FinalState)]);
    }

    /// <summary>Shapes of xBC, dt, A, D and the initial state.</summary>
    internal static int[][] ScanInputs(SsdShape shape) =>
    [
        [shape.Batch, shape.Length, shape.RowLength], [shape.Batch, shape.Length, shape.Heads], [shape.Heads], [shape.Heads],
        [shape.Batch, shape.Heads, shape.State, shape.HeadDim],
    ];

    /// <summary>Brings normal numbers to where a scan wants them: dt above 0, A below.</summary>
    internal static void AdjustScan(int input, Memory<float> values)
    {
        foreach (ref float value in values.Span)
        {
            value = input switch
            {
                1 => 0.05f + 0.3f * MathF.Abs(value),
                2 => -0.1f - MathF.Abs(value),
                _ => value,
            };
        }
    }

    private static int[] Ids(int count, int bound)
    {
        SeededRandom random = new(3, "ids");
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(bound))];
    }

    /// <summary>A label for each row: the first class, the last one, others, and now and then none.</summary>
    private static int[] Labels(int rows, int classes) => [.. Enumerable.Range(0, rows).Select(row => (row % 4) switch
    {
        1 => Ops.IgnoredLabel,
        2 => 0,
        3 => classes - 1,
        _ => (3 + 7 * row) % classes,
    })];

    /// <summary>Keeps three rows of four.</summary>
    private static bool[] Mask(Tensor x) => [.. Enumerable.Range(0, x.Rows).Select(row => row % 4 != 1)];
}
