using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Studies;

/// <summary>A task as one row solved it.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Metric">Which measure counts, such as <c>acc_norm</c>.</param>
/// <param name="Value">A share of the items.</param>
/// <param name="StandardError">Of the value.</param>
/// <param name="Right">For each item 1 when it was solved, else 0: two rows can be compared item by item.</param>
public sealed record TaskScore(string Task, string Metric, double Value, double StandardError, string Right);

/// <summary>Spikes of a row on the held-out text, and the energy that they model.</summary>
/// <param name="Rate">Share of the projections' inputs that spike.</param>
/// <param name="Operations">Share of the projections' weights that these inputs visit.</param>
/// <param name="MeanMagnitude">Mean of |s|.</param>
/// <param name="ProjectionsX">Modelled energy of the dense twin over that of the row: projections.</param>
/// <param name="BlockX">The same with convolution and scan: the headline.</param>
/// <param name="ModelX">The same with the head.</param>
public sealed record SpikeFigures(double Rate, double Operations, double MeanMagnitude, double ProjectionsX, double BlockX, double ModelX);

/// <summary>Modelled energy in picojoules per token: of the spiking model, or of a dense one.</summary>
/// <param name="BlockPj">Of the blocks.</param>
/// <param name="ModelPj">Of the whole model.</param>
public sealed record EnergyFiguresPj(double BlockPj, double ModelPj);

/// <summary>Decoding speed of a row and of the dense model that computes the same numbers, int8 both, in turns.</summary>
/// <param name="DenseTokS">Tokens per second of the dense one, median.</param>
/// <param name="SpikingTokS">Of the row.</param>
/// <param name="Ratio">Median of the rounds' own ratios.</param>
/// <param name="RatioMin">The least of them.</param>
/// <param name="RatioMax">The greatest.</param>
/// <param name="Threads">Threads of both.</param>
public sealed record DecodeFigures(double DenseTokS, double SpikingTokS, double Ratio, double RatioMin, double RatioMax, int Threads);

/// <summary>What was measured of a row.</summary>
public sealed record RowResult
{
    /// <summary>The row's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its group.</summary>
    public required StudyGroup Group { get; init; }

    /// <summary>What stands in tables.</summary>
    public required string Label { get; init; }

    /// <summary>Seed of its run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What differs from the preset.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>The row whose model it started from, or whose model it is; null for none.</summary>
    public string? From { get; init; }

    /// <summary>What the engine that measured it was built from; null where the build did not know.</summary>
    public string? Commit { get; init; }

    /// <summary>Optimiser steps; 0 for a model that was given.</summary>
    public long Steps { get; init; }

    /// <summary>Seconds of training.</summary>
    public double TrainingS { get; init; }

    /// <summary>Perplexity of a token of the held-out text; null where it is not measured.</summary>
    public double? Perplexity { get; init; }

    /// <summary>Bits per byte of the held-out text.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Spikes and energy; null for a dense model.</summary>
    public SpikeFigures? Spikes { get; init; }

    /// <summary>Its energy; null when it was not measured on text.</summary>
    public EnergyFiguresPj? Energy { get; init; }

    /// <summary>Tasks whose mean decides.</summary>
    public IReadOnlyList<TaskScore> Tasks { get; init; } = [];

    /// <summary>The six tasks of the paper, as far as they are there.</summary>
    public IReadOnlyList<TaskScore> PaperTasks { get; init; } = [];

    /// <summary>Decoding speed.</summary>
    public DecodeFigures? Decoding { get; init; }

    /// <summary>What an alignment reported of its held-out pairs.</summary>
    public IReadOnlyDictionary<string, double> Validation { get; init; } = new Dictionary<string, double>();

    /// <summary>Reads a result; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RowResult? Find(string path) => StudyFile.Find(path, StudyJson.Default.RowResult, "result of a study's row");

    /// <summary>Refuses a result of other settings, such as an older engine's, which would stand beside those of today as if they were alike.</summary>
    /// <exception cref="InvalidDataException">It is another row's.</exception>
    internal void RequireOf(StudyRow row, string path)
    {
        if (Group != row.Group || From != row.From || !Settings.SequenceEqual(row.Settings))
        {
            throw new InvalidDataException(
                $"'{path}' is the result of other settings than those of the row '{row.Name}' ({string.Join(' ', Settings)} after {From}, "
                + $"not {string.Join(' ', row.Settings)} after {row.From}). Delete it and the row's folder below '{StudyRun.Runs}' to make it again, or choose another folder.");
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Save(string path) => StudyFile.Save(path, this, StudyJson.Default.RowResult);
}

/// <summary>JSON of studies, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StudyPlan))]
[JsonSerializable(typeof(RowResult))]
[JsonSerializable(typeof(StudySummary))]
[JsonSerializable(typeof(GeneratedPair))]
internal sealed partial class StudyJson : JsonSerializerContext
{
    /// <summary>An object on one line.</summary>
    public static StudyJson Compact { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });
}
