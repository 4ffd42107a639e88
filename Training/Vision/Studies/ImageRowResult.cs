using System.Text.Json.Serialization;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Training.Vision;

/// <summary>What was measured of a row.</summary>
public sealed record ImageRowResult
{
    /// <summary>The row.</summary>
    public required ImageStudyRow Row { get; init; }

    /// <summary>Optimiser steps; of a converted network those of its ANN.</summary>
    public required long Steps { get; init; }

    /// <summary>Of the spiking network, or of the ANN, in percent.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Its standard error over the images.</summary>
    public required double StandardError { get; init; }

    /// <summary>Seconds of training steps; of a converted network with the conversion.</summary>
    public required double TrainingS { get; init; }

    /// <summary>Bytes of training at once: what a step needs, and values, gradients and two moments of all parameters.</summary>
    public required long TrainingBytes { get; init; }

    /// <summary>Spikes of a neuron in a step; null of an ANN.</summary>
    public double? SpikeRate { get; init; }

    /// <summary>Spikes of all neurons in all steps for an image; null of an ANN.</summary>
    public double? SpikesPerImage { get; init; }

    /// <summary>Spikes of a neuron in a step, by layer; empty of an ANN.</summary>
    public IReadOnlyList<double> SiteRates { get; init; } = [];

    /// <summary>Modelled energy of an image.</summary>
    public required double EnergyNj { get; init; }
}

/// <summary>A study so far.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Machine">What it was measured on.</param>
/// <param name="Epochs">Passes over the images, of every row.</param>
/// <param name="Network">What is trained, in words.</param>
/// <param name="Images">Images to learn from.</param>
/// <param name="ValidationImages">Images it was measured on.</param>
/// <param name="RowCount">Rows that there will be.</param>
/// <param name="Rows">Those that are done.</param>
/// <param name="Pictures">What an image comes to in the network of SNN2ANN, once that is trained.</param>
public sealed record ImageStudySummary(
    ImageStudyOptions Options, MachineDescription Machine, double Epochs, string Network, int Images, int ValidationImages, int RowCount, IReadOnlyList<ImageRowResult> Rows, SpikePictures? Pictures)
{
    /// <summary>Name of its file in the study's folder.</summary>
    public const string FileName = "study.json";

    /// <summary>Rows of one name, of all seeds.</summary>
    public IReadOnlyList<ImageRowResult> Of(string name) => [.. Rows.Where(r => r.Row.Name == name || r.Row.Name.StartsWith(name + "-seed", StringComparison.Ordinal))];

    /// <summary>The mean of something over the seeds of SNN2ANN, over that of rows of another name; null while one is missing.</summary>
    public double? Ratio(string other, Func<ImageRowResult, double> value)
    {
        IReadOnlyList<ImageRowResult> own = Of(ImageStudyRow.Snn2Ann), peers = Of(other);
        return own.Count == 0 || peers.Count == 0 ? null : own.Average(value) / peers.Average(value);
    }
}

/// <summary>What is fixed when a study is begun.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Epochs">Passes over the images that the budget allows.</param>
public sealed record ImageStudyPlan(ImageStudyOptions Options, double Epochs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ImageStudyPlan))]
[JsonSerializable(typeof(ImageRowResult))]
[JsonSerializable(typeof(ImageStudySummary))]
internal sealed partial class ImageStudyJson : JsonSerializerContext;
