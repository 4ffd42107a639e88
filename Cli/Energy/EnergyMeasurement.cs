using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Energy;

/// <summary>Runs a model on a text: counts, models and measures.</summary>
internal sealed class EnergyMeasurement(string folder, string text, string? teacher, DecoderOptions options, EnergyConstants constants)
{
    private const int Window = 512;
    private const int Bins = 8;
    private const int Rounds = 5;
    private const int TokensPerRound = 200;

    /// <summary>Everything.</summary>
    public EnergyDocument Run(ReadOnlyMemory<int> tokens, Func<LanguageDecoder, LanguageDecoder> calibrate, IProgress<double> progress, CancellationToken cancellation)
    {
        LanguageDecoder model = calibrate(LanguageDecoder.Load(folder, options));
        SpikeStatistics? spikes = Count(model, tokens, progress, cancellation);
        var report = EnergyReport.Of(model.Config, spikes, constants, model.WeightType, keys: (Length(model, tokens) + 1) / 2.0);
        var package = PackageEnergy.Find();
        return new EnergyDocument(
            folder, text, tokens.Length, spikes is not null, constants, report.Formulas,
            [.. Enum.GetValues<EnergyScope>().Select(scope => EnergyLine.Of(Lower(scope), report[scope]))],
            [.. Enumerable.Range(0, report.LayerCount).Select(layer => EnergyLine.Of(string.Create(CultureInfo.InvariantCulture, $"layer {layer}"), report.Layer(layer)))],
            [.. report.Rows.Select(row => EnergyLine.Of(row.Layer is { } layer ? string.Create(CultureInfo.InvariantCulture, $"{layer} {PartName(row.Part)}") : PartName(row.Part), row.Figures))],
            spikes is null ? [] : [.. Lines(spikes, model.Config.SpikeSites)],
            spikes?.Profile is { } profile
                ? [.. Enumerable.Range(0, profile.Bins).Where(bin => double.IsFinite(profile.Density(bin))).Select(bin => new PositionLine(profile.Start(bin), profile.Density(bin)))]
                : [],
            [.. Times(model, calibrate, tokens, package, progress, cancellation)],
            package.Problem is { } problem ? $"not measured: {problem}" : "of the whole package, everything that ran on it included",
            MachineDescription.Current(), teacher is null ? null : OfTeacher(report, Length(model, tokens)));
    }

    private TeacherLine OfTeacher(EnergyReport report, int length)
    {
        LanguageModelConfig config = ModelConfig.Load(teacher!);
        if (config.IsSpiking)
            throw new InvalidDataException($"--teacher {teacher} is spiking; energy is compared with that of a dense model.");
        var dense = EnergyReport.Of(config, spikes: null, constants, keys: (length + 1) / 2.0);
        double block = dense[EnergyScope.Block].DensePicojoules, whole = dense[EnergyScope.Model].DensePicojoules;
        return new TeacherLine(
            teacher!, block, whole, 100 * report[EnergyScope.Block].SpikingPicojoules / block, 100 * report[EnergyScope.Model].SpikingPicojoules / whole);
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string PartName(EnergyPart part) => part switch
    {
        EnergyPart.QkvProj => "qkv_proj",
        EnergyPart.AttentionOutProj => "attention_out_proj",
        EnergyPart.FinalNorm => "final_norm",
        _ => Lower(part),
    };

    private static SpikeStatistics? Count(LanguageDecoder model, ReadOnlyMemory<int> tokens, IProgress<double> progress, CancellationToken cancellation)
    {
        if (!model.Config.IsSpiking)
            return null;
        int length = Length(model, tokens);
        SpikeStatistics spikes = new(model.Config.LayerCount)
        {
            Profile = new SpikeProfile(model.Config, length, Math.Min(Bins, length)), ProfiledLength = length,
        };
        Workspace workspace = new();
        for (int at = 0; at + length <= tokens.Length; at += length)
        {
            cancellation.ThrowIfCancellationRequested();
            using Workspace.Scope scope = workspace.Open();
            model.Forward(tokens.Slice(at, length), batch: 1, lastOnly: true, spikes: spikes);
            progress.Report(0.5 * at / tokens.Length);
        }

        return spikes;
    }

    /// <summary>Tokens of a window.</summary>
    private static int Length(LanguageDecoder model, ReadOnlyMemory<int> tokens) => Math.Min(Math.Min(Window, model.Config.MaxLength ?? Window), tokens.Length);

    private static IEnumerable<SpikeLine> Lines(SpikeStatistics spikes, IReadOnlyList<SpikeSite> sites)
    {
        for (int layer = 0; layer < spikes.LayerCount; layer++)
        {
            foreach (SpikeSite site in sites)
            {
                SpikeCounts counts = spikes[layer, site];
                SpikeProfile profile = spikes.Profile!;
                yield return new SpikeLine(
                    layer, SiteNames.Of(site), counts.Density, counts.MeanMagnitude, counts.NegativeShare,
                    profile.Neurons(layer, site), profile.Dead(layer, site),
                    profile.Levels(layer, site).ToDictionary(l => l.Count.ToString(CultureInfo.InvariantCulture), l => (double)l.Neurons / Math.Max(1, counts.Neurons)));
            }

            foreach (SpikeSite site in (SpikeSite[])[SpikeSite.Map, SpikeSite.Mixed])
            {
                // Pairs of tokens, and whole numbers: no neurons that one could follow along a text.
                if (spikes[layer, site] is { Neurons: > 0 } counts)
                    yield return new SpikeLine(layer, SiteNames.Of(site), counts.Density, counts.MeanMagnitude, NegativeShare: 0, Neurons: 0, Dead: 0, new Dictionary<string, double>());
            }
        }
    }

    /// <summary>All ways in turns, so that a machine that drifts hits them alike.</summary>
    private IEnumerable<TimeLine> Times(
        LanguageDecoder model, Func<LanguageDecoder, LanguageDecoder> calibrate, ReadOnlyMemory<int> tokens, PackageEnergy package, IProgress<double> progress,
        CancellationToken cancellation)
    {
        (string Way, DecoderSession Session, DecodeClock Clock)[] ways = [.. Ways(model, calibrate).Select(way => (way.Way, Session(way.Model, out DecodeClock clock), clock))];
        List<Sample>[] samples = [.. ways.Select(_ => new List<Sample>())];
        for (int round = -1; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                cancellation.ThrowIfCancellationRequested();
                Sample sample = Time(ways[way].Session, ways[way].Clock, tokens.Span[..Length(model, tokens)], package);
                if (round >= 0)
                    samples[way].Add(sample);
            }

            progress.Report(0.5 + 0.5 * (round + 2) / (Rounds + 1));
        }

        for (int way = 0; way < ways.Length; way++)
        {
            List<Sample> of = samples[way];
            yield return new TimeLine(
                ways[way].Way, Median(of, s => s.Token), of.Min(s => s.Token), of.Max(s => s.Token), Median(of, s => s.Projections), Median(of, s => s.Head),
                [.. Enumerable.Range(0, model.Config.LayerCount).Select(layer => Median(of, s => s.Layers[layer]))],
                package.Problem is null ? Median(of, s => s.Joules) : null);
        }
    }

    private IEnumerable<(string Way, LanguageDecoder Model)> Ways(LanguageDecoder model, Func<LanguageDecoder, LanguageDecoder> calibrate)
    {
        DecoderOptions bytes = options with { Weights = StorageType.Int8 };
        if (!model.Config.IsSpiking)
        {
            yield return ("dense, as stored", model);
            yield return ("dense, int8", LanguageDecoder.Load(folder, bytes));
            yield break;
        }

        yield return ("multiplied, float32", calibrate(LanguageDecoder.Load(folder, options with { Weights = StorageType.Float32, SpikePath = SpikePath.Dense })));
        yield return ("multiplied, int8", calibrate(LanguageDecoder.Load(folder, bytes with { SpikePath = SpikePath.Dense })));
        yield return ("added, float32", calibrate(LanguageDecoder.Load(folder, options with { Weights = StorageType.Float32, SpikePath = SpikePath.Accumulate })));
        yield return ("added, int8", calibrate(LanguageDecoder.Load(folder, bytes with { SpikePath = SpikePath.Accumulate })));
    }

    private static DecoderSession Session(LanguageDecoder model, out DecodeClock clock)
    {
        DecoderSession session = model.NewSession();
        session.Clock = clock = new DecodeClock(model.Config.LayerCount);
        return session;
    }

    private static Sample Time(DecoderSession session, DecodeClock clock, ReadOnlySpan<int> tokens, PackageEnergy package)
    {
        clock.Clear();
        session.Clear();
        int count = Math.Min(TokensPerRound, tokens.Length);
        IReadOnlyList<ulong> before = package.Now();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            session.Step(tokens[i]);
        double token = Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
        return new Sample(
            token, clock.Projections.TotalMicroseconds / count, clock.Head.TotalMicroseconds / count,
            [.. Enumerable.Range(0, clock.LayerCount).Select(layer => clock.Layer(layer).TotalMicroseconds / count)],
            package.JoulesSince(before) / count);
    }

    private static double Median(List<Sample> samples, Func<Sample, double> value)
    {
        double[] sorted = [.. samples.Select(value).Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record Sample(double Token, double Projections, double Head, double[] Layers, double Joules);
}
