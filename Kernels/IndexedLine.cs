using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Values at places that indices name: element i of a line belongs to place indices[i] * stride + i * step. With step 0 and
/// stride 1 the indices run along the line; with step 1 they run across it and choose a row, stride apart.
/// The indices have been checked: what they name lies within the spans.
/// </summary>
public static class IndexedLine
{
    /// <summary>line[i] = values[indices[i] * stride + i * step]</summary>
    public static void Gather(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, int stride, int step, Span<float> line)
    {
        Debug.Assert(indices.Length == line.Length);
        for (int i = 0; i < line.Length; i++)
            line[i] = values[indices[i] * stride + i * step];
    }

    /// <summary>line[i] += values[indices[i] * stride + i * step]: what a scatter sends back.</summary>
    public static void GatherAdd(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, int stride, int step, Span<float> line)
    {
        Debug.Assert(indices.Length == line.Length);
        for (int i = 0; i < line.Length; i++)
            line[i] += values[indices[i] * stride + i * step];
    }

    /// <summary>values[indices[i] * stride + i * step] += line[i], in the order of the line.</summary>
    public static void ScatterAdd(ReadOnlySpan<float> line, ReadOnlySpan<int> indices, int stride, int step, Span<float> values)
    {
        Debug.Assert(indices.Length == line.Length);
        for (int i = 0; i < line.Length; i++)
            values[indices[i] * stride + i * step] += line[i];
    }
}
