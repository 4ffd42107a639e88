using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>Measures the rows of a study, all on the same text, items and machine.</summary>
internal sealed class StudyMeasurement
{
    private const int DecodeTokens = 400;
    private const int DecodeRounds = 7;

    private readonly IRunObserver _observer;
    private readonly CancellationToken _cancellation;
    private readonly StudyText _text;
    private readonly StudyTasks _tasks;

    /// <summary>Reads the held-out text with the teacher's tokenizer and finds the tasks.</summary>
    public StudyMeasurement(StudyOptions options, StudyConfigs configs, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        (_observer, _cancellation) = (observer, cancellation);
        StudyRow student = StudyRows.Of(options).First(r => r.Kind == RunKind.Distill);
        string tokenizer = Path.Combine(configs.ModelOf(StudyRows.Teacher), ModelFolder.TokenizerFile);
        _text = StudyText.Open(configs.Of(student).Data, tokenizer, options.Folder, formats, observer, cancellation);
        _tasks = new StudyTasks(options.Tasks, _text);
    }

    /// <summary>Measures a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="folder">Its model.</param>
    public RowResult Of(StudyRow row, string folder)
    {
        Mamba2LanguageModel model = ModelFolder.Load<Mamba2LanguageModel>(folder);
        RowResult result = new() { Name = row.Name, Group = row.Group, Label = row.Label, Seed = row.Seed, Settings = row.Settings, From = row.From, Commit = MachineDescription.Current().Commit };
        Mamba2Decoder decoder = new(model);
        if (row.Polarization is { } polarization)
            decoder = decoder.WithPolarization(polarization.Site, polarization.Value);
        else
            result = WithText(result, model);
        if (row.Measures.HasFlag(RowMeasures.Tasks))
            result = result with { Tasks = _tasks.Decisive(decoder, _observer, _cancellation) };
        if (row.Measures.HasFlag(RowMeasures.PaperTasks))
            result = result with { PaperTasks = _tasks.OfPaper(decoder, _observer, _cancellation) };
        return row.Measures.HasFlag(RowMeasures.Decoding) ? result with { Decoding = Decoding(model) } : result;
    }

    private RowResult WithText(RowResult result, Mamba2LanguageModel model)
    {
        SpikeStatistics? spikes = model.Config.NewStatistics();
        Perplexity perplexity = _observer.Run(
            "held-out text", _ => _text.Measure(model, spikes, _cancellation), p => FormattableString.Invariant($"perplexity {p.PerToken:F3}, {p.BitsPerByte:F4} bits/byte"));
        return result with
        {
            Perplexity = perplexity.PerToken,
            BitsPerByte = perplexity.BitsPerByte,
            Spikes = spikes is null ? null : Figures(model.Config, spikes),
        };
    }

    private static SpikeFigures Figures(Mamba2Config config, SpikeStatistics spikes)
    {
        EnergyReport energy = new(config, spikes, new EnergyConstants());
        SpikeCounts total = spikes.Total;
        return new SpikeFigures(
            total.Density, Operations(config, spikes), total.MeanMagnitude, energy[EnergyScope.Projections].Benefit, energy[EnergyScope.Block].Benefit, energy[EnergyScope.Model].Benefit);
    }

    /// <summary>Share of the projections' weights that spikes visit: each active input with the outputs behind it.</summary>
    internal static double Operations(Mamba2Config config, SpikeStatistics spikes)
    {
        double made = 0, all = 0;
        for (int layer = 0; layer < spikes.LayerCount; layer++)
        {
            made += (double)spikes[layer, SpikeSite.InProj].Active * config.InProjRows + (double)spikes[layer, SpikeSite.OutProj].Active * config.DModel;
            all += (double)spikes[layer, SpikeSite.InProj].Neurons * config.InProjRows + (double)spikes[layer, SpikeSite.OutProj].Neurons * config.DModel;
        }

        return made / all;
    }

    private DecodeFigures Decoding(Mamba2LanguageModel model) => _observer.Run(
        "decoding",
        _ =>
        {
            Mamba2Decoder spiking = new(model, new DecoderOptions { Weights = StorageType.Int8 });
            Mamba2Decoder dense = new(model, new DecoderOptions { Weights = StorageType.Int8, SpikePath = SpikePath.Dense });
            DecodeSpeed speed = DecodeSpeed.Compare(dense, spiking, _text.Ids, DecodeTokens, DecodeRounds, _cancellation);
            return new DecodeFigures(speed.First, speed.Second, speed.Ratio, speed.RatioMin, speed.RatioMax, RowParallel.Threads);
        },
        d => FormattableString.Invariant($"dense int8 {d.DenseTokS:N0} tokens/s, spikes {d.SpikingTokS:N0}, {d.Ratio:F2}x"));
}
