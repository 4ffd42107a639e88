namespace SpikeEngine.Training.Vision;

/// <summary>Images for one step.</summary>
/// <param name="Images">[N, C, H, W]; lives as long as the step it was made in.</param>
/// <param name="Labels">[N], the class of each.</param>
/// <param name="Indices">[N], which image of the set each is.</param>
public sealed record ImageBatch(Tensor Images, ReadOnlyMemory<int> Labels, ReadOnlyMemory<int> Indices)
{
    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;
}
