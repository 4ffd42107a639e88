using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Energy;
using SpikeEngine.Model.Opt;
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
        string tokenizer = ModelFolder.TokenizerOf(configs.ModelOf(StudyRows.Teacher));
        _text = StudyText.Open(configs.Of(student).Data, tokenizer, options.Folder, formats, observer, cancellation);
        _tasks = new StudyTasks(options.Tasks, _text);
    }

    /// <summary>Measures a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="folder">Its model.</param>
    public RowResult Of(StudyRow row, string folder)
    {
        LanguageModel model = ModelFolder.Load(folder);
        RowResult result = new() { Name = row.Name, Group = row.Group, Label = row.Label, Seed = row.Seed, Settings = row.Settings, From = row.From, Commit = MachineDescription.Current().Commit };
        LanguageDecoder decoder = model.ToDecoder();
        if (row.Polarization is { } polarization)
            decoder = ((Mamba2Decoder)decoder).WithPolarization(polarization.Site, polarization.Value);
        else
            result = WithText(result, model);
        if (row.Measures.HasFlag(RowMeasures.Tasks))
            result = result with { Tasks = _tasks.Decisive(decoder, _observer, _cancellation) };
        if (row.Measures.HasFlag(RowMeasures.PaperTasks))
            result = result with { PaperTasks = _tasks.OfPaper(decoder, _observer, _cancellation) };
        return row.Measures.HasFlag(RowMeasures.Decoding) ? result with { Decoding = Decoding(model) } : result;
    }

    private RowResult WithText(RowResult result, LanguageModel model)
    {
        SpikeStatistics? spikes = model.Config.NewStatistics();
        Perplexity perplexity = _observer.Run(
            "held-out text", _ => _text.Measure(model, spikes, _cancellation), p => FormattableString.Invariant($"perplexity {p.PerToken:F3}, {p.BitsPerByte:F4} bits/byte"));
        return result with
        {
            Perplexity = perplexity.PerToken,
            BitsPerByte = perplexity.BitsPerByte,
            Spikes = spikes is null ? null : Figures(model.Config, spikes),
            Energy = EnergyOf(model.Config, spikes),
        };
    }

    private static SpikeFigures Figures(LanguageModelConfig config, SpikeStatistics spikes)
    {
        var energy = EnergyReport.Of(config, spikes, new EnergyConstants());
        SpikeCounts total = spikes.Total;
        return new SpikeFigures(
            total.Density, config is Mamba2Config mamba2 ? Operations(mamba2, spikes) : Operations(energy, ((OptConfig)config).Spiking!), total.MeanMagnitude, energy[EnergyScope.Projections].Benefit, energy[EnergyScope.Block].Benefit, energy[EnergyScope.Model].Benefit);
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

    /// <summary>Modelled picojoules per token, of the spiking model if there are spikes.</summary>
    private EnergyFiguresPj EnergyOf(LanguageModelConfig config, SpikeStatistics? spikes)
    {
        var energy = EnergyReport.Of(config, spikes, new EnergyConstants(), keys: _text.MeanKeys(config.MaxLength));
        return new EnergyFiguresPj(Pj(energy[EnergyScope.Block]), Pj(energy[EnergyScope.Model]));

        double Pj(EnergyFigures figures) => spikes is null ? figures.DensePicojoules : figures.SpikingPicojoules;
    }

    private static double Operations(EnergyReport energy, BinarySpiking neurons) =>
        energy[EnergyScope.Projections].LevelAccumulates / (energy[EnergyScope.Projections].DenseMacs * neurons.TimeSteps);

    private DecodeFigures Decoding(LanguageModel model) => _observer.Run(
        "decoding",
        _ =>
        {
            LanguageDecoder spiking = model.ToDecoder(new DecoderOptions { Weights = StorageType.Int8 });
            LanguageDecoder dense = model.ToDecoder(new DecoderOptions { Weights = StorageType.Int8, SpikePath = SpikePath.Dense });
            DecodeSpeed speed = DecodeSpeed.Compare(dense, spiking, _text.Ids, DecodeTokens, DecodeRounds, _cancellation);
            return new DecodeFigures(speed.First, speed.Second, speed.Ratio, speed.RatioMin, speed.RatioMax, RowParallel.Threads);
        },
        d => FormattableString.Invariant($"dense int8 {d.DenseTokS:N0} tokens/s, spikes {d.SpikingTokS:N0}, {d.Ratio:F2}x"));
}
