using System.Diagnostics;
using SpikeEngine.Model;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Cli.Bench;

/// <summary>Runs a model: loading, reading a prompt, and generating, dense and with neurons at several rates of spikes.</summary>
/// <param name="folder">The model.</param>
/// <param name="options">How to keep its weights.</param>
/// <param name="prompt">Tokens of the prompt.</param>
/// <param name="generate">Tokens to generate.</param>
/// <param name="rates">Shares of inputs that shall spike.</param>
/// <param name="cancellation">Stops between two rounds.</param>
internal sealed class ModelBench(
    string folder, DecoderOptions options, int prompt, int generate, IReadOnlyList<double> rates, CancellationToken cancellation)
{
    private const int CalibrationTokens = 64;
    private const int PrefillRounds = 3;
    private const int TokensPerRound = 8;
    private const int WarmUpTokens = 16;

    private readonly DecoderOptions _spiking = options with { Spiking = options.Spiking ?? new SpikingConfig() };
    private Mamba2Decoder? _dense;
    private Mamba2Decoder? _neurons;

    /// <summary>Bytes of the matrices that every token touches, once something has been measured.</summary>
    public long WeightBytes => _dense?.WeightBytes ?? 0;

    /// <summary>The most memory that loading the model and reading the prompt took.</summary>
    public long PeakMemoryBytes { get; private set; }

    /// <summary>Loads the model, and says how long that took.</summary>
    public ModelBenchRow Load()
    {
        long start = Stopwatch.GetTimestamp();
        _dense = Mamba2Decoder.Load(folder, options);
        _dense.NewSession().Step(0);
        return Row(_dense, "load") with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    /// <summary>Reading a prompt and generating, with the threads that are set.</summary>
    public IEnumerable<ModelBenchRow> Dense()
    {
        yield return Prefill(_dense!);
        if (PeakMemoryBytes == 0)
        {
            // Before there is a yardstick, which has some hundred megabytes of its own.
            using var process = Process.GetCurrentProcess();
            PeakMemoryBytes = process.PeakWorkingSet64;
        }

        yield return Decode(_dense!, new ReadYardstick());
    }

    /// <summary>Generating with neurons, with the threads that are set.</summary>
    public IEnumerable<ModelBenchRow> Spiking()
    {
        _neurons ??= rates.Count > 0 ? Mamba2Decoder.Load(folder, _spiking) : null;
        foreach (double rate in rates)
            yield return DecodeSpiking(_neurons!.WithSpikeRate(rate, Tokens(CalibrationTokens)));
    }

    private ModelBenchRow Prefill(Mamba2Decoder decoder)
    {
        DecoderSession session = decoder.NewSession();
        int[] tokens = Tokens(prompt);
        double flops = PromptFlops(decoder.Config), multiplyAdds = 0;
        session.Prefill(tokens.AsMemory(0, Math.Min(prompt, WarmUpTokens)), cancellation);
        Rounds[] rounds = Repeat(PrefillRounds, warmUps: 1, Run, () => multiplyAdds = MachinePeak.RunMulAdds());
        double peak = multiplyAdds / rounds[1].Median;
        return Speed(Row(decoder, "prefill"), prompt, rounds[0]) with { OfBound = flops / rounds[0].Median / peak, Bound = peak / 1e9 };

        void Run()
        {
            session.Clear();
            session.Prefill(tokens, cancellation);
        }
    }

    private ModelBenchRow Decode(Mamba2Decoder decoder, ReadYardstick reading)
    {
        DecoderSession session = decoder.NewSession();
        double read = 0;
        Rounds[] rounds = Repeat(RoundCount, WarmUpRounds, () => Generate(session), () => read = reading.Run());
        double bandwidth = read / rounds[1].Median;
        return Speed(Row(decoder, "decode"), TokensPerRound, rounds[0]) with
        {
            OfBound = decoder.WeightBytes * TokensPerRound / rounds[0].Median / bandwidth,
            OfBoundWithStates = (decoder.WeightBytes + StateTraffic(decoder.Config)) * TokensPerRound / rounds[0].Median / bandwidth,
            Bound = bandwidth / 1e9,
        };
    }

    private ModelBenchRow DecodeSpiking(Mamba2Decoder decoder)
    {
        DecoderSession session = decoder.NewSession(), dense = _dense!.NewSession();
        session.Spikes = new SpikeStatistics(decoder.Config.LayerCount);
        for (int i = 0; i < TokensPerRound; i++)
            session.Step(TokenAt(i));
        double rate = session.Spikes.Total.Density;
        session.Spikes = null;

        Mamba2Buffers buffers = new(_dense.Config);
        buffers.Hidden.Span.Fill(1f);
        Rounds[] rounds = Repeat(RoundCount, WarmUpRounds, () => Generate(session), () => Generate(dense), () => Many(_dense.Head), () => Many(_dense.Projections));
        (double all, double head, double projections) = (rounds[1].Median, rounds[2].Median, rounds[3].Median);
        double beside = Math.Max(0, all - head - projections), expected = head + rate * projections + beside;
        return Speed(Row(decoder, "decode_spiking"), TokensPerRound, rounds[0]) with
        {
            SpikeRate = rate,
            OfBound = expected / rounds[0].Median,
            Bound = TokensPerRound / expected,
        };

        void Many(Action<Mamba2Buffers> part)
        {
            for (int i = 0; i < TokensPerRound; i++)
                part(buffers);
        }
    }

    private int RoundCount => Math.Max(3, generate / TokensPerRound);

    private static int WarmUpRounds => WarmUpTokens / TokensPerRound;

    private void Generate(DecoderSession session)
    {
        for (int i = 0; i < TokensPerRound; i++)
            session.Step(TokenAt(i));
    }

    private Rounds[] Repeat(int rounds, int warmUps, params Action[] work) => Rounds.InTurns(rounds, warmUps, cancellation, work);

    /// <summary>Multiply-adds counted as two: the projections, the products of the scan's chunks, and the head for one token.</summary>
    private double PromptFlops(Mamba2Config c)
    {
        double q = Math.Min(c.ChunkSize, prompt), projections = (double)c.InProjRows * c.DModel + (double)c.DInner * c.DModel;
        double scan = (c.GroupCount * c.DState + c.DInner) * (q + 1) / 2 + 2.0 * c.DInner * c.DState;   // halves of C Bᵀ and (L ∘ C Bᵀ) x, states in and out
        return 2 * (prompt * c.LayerCount * (projections + scan) + (double)c.VocabSize * c.DModel);
    }

    /// <summary>Bytes of states that a token reads and writes.</summary>
    private static double StateTraffic(Mamba2Config c) => 2.0 * sizeof(float) * c.LayerCount * c.DInner * c.DState;

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(TokenAt)];

    /// <summary>Any tokens will do: none takes longer than another.</summary>
    private int TokenAt(int i) => (17 * i + 1) % _dense!.Config.VocabSize;

    private static ModelBenchRow Row(Mamba2Decoder decoder, string phase) =>
        new() { Phase = phase, Threads = RowParallel.Threads, Weight = WeightTypes.NameOf(decoder.WeightType) };

    private static ModelBenchRow Speed(ModelBenchRow row, int tokens, Rounds rounds) => row with
    {
        TokS = tokens / rounds.Median,
        TokSMin = tokens / rounds.Seconds[^1],
        TokSMax = tokens / rounds.Seconds[0],
    };
}
