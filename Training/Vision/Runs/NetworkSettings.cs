using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Vision;

/// <summary>The section <c>network</c>: what is trained. Sizes of images and classes come from the data.</summary>
public sealed record NetworkSettings
{
    private const float BpttThreshold = 1f;

    /// <summary>One of <see cref="ImageNetworkShapes.Names"/>.</summary>
    public string Shape { get; init; } = "vgg-small";

    /// <summary>The pooling of a VGG.</summary>
    public ImagePooling Pooling { get; init; }

    /// <summary>T; that of the shape when null.</summary>
    public int? TimeSteps { get; init; }

    /// <summary>Share dropped in front of the ReLU; that of the shape when null.</summary>
    public double? Dropout { get; init; }

    /// <summary>Share of the membranes that is dropped in training; that of the shape when null.</summary>
    public double? MembraneDropout { get; init; }

    /// <summary>The network for some images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="normalization">Of their pixels.</param>
    /// <param name="method">How it is trained: through all steps only with one threshold, and with whole biases in each step.</param>
    public ImageNetworkConfig ToConfig(ImageSet images, ImageNormalization normalization, ImageMethod method)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(normalization);
        ImageNetworkConfig shape = ImageNetworkShapes.Of(Shape);
        bool isNone = normalization == ImageNormalization.None;
        return shape with
        {
            Channels = images.Channels,
            Height = images.Height,
            Width = images.Width,
            Classes = images.Classes,
            Pooling = Pooling,
            TimeSteps = TimeSteps ?? shape.TimeSteps,
            Dropout = (float?)Dropout ?? shape.Dropout,
            MembraneDropout = method == ImageMethod.Snn2Ann ? (float?)MembraneDropout ?? shape.MembraneDropout : 0f,
            InitialThreshold = method == ImageMethod.Bptt ? BpttThreshold : null,
            DividesBias = method != ImageMethod.Bptt,
            IsSpiking = method != ImageMethod.Ann,
            Mean = isNone ? [] : normalization.Mean,
            Std = isNone ? [] : normalization.Std,
        };
    }

    internal static NetworkSettings Pass(ISettings s, NetworkSettings d) => new()
    {
        Shape = s.Choice("shape", d.Shape, [.. ImageNetworkShapes.Names]),
        Pooling = ImageConfigFile.Poolings.ValueOf(s.Choice("pooling", ImageConfigFile.Poolings.NameOf(d.Pooling), [.. ImageConfigFile.Poolings.Select(p => p.Name)]))!.Value,
        TimeSteps = (int?)s.WholeOrNone("time_steps", d.TimeSteps, 1, int.MaxValue),
        Dropout = s.NumberOrNone("dropout", d.Dropout, Allowed.Below1),
        MembraneDropout = s.NumberOrNone("membrane_dropout", d.MembraneDropout, Allowed.Below1),
    };
}
