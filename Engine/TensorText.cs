using System.Globalization;
using System.Text;

namespace SpikeEngine;

/// <summary>Values in nested brackets, as numpy prints them.</summary>
internal sealed class TensorText
{
    private const int Edge = 3;              // entries shown at either end of an axis that is too long
    private const int OuterEdge = 1;         // of the outer axes of a tensor of high rank
    private const int AxesShownWell = 3;
    private const int MostNewLines = 2;
    private const float LargestFixed = 1e6f;
    private const float SmallestFixed = 1e-4f;   // less would show as 0.0000
    private const float LargestWhole = 1e8f;

    private readonly Shape _shape;
    private readonly StringBuilder _text = new();
    private readonly string[] _numbers;   // those that are shown, in order
    private readonly int _width;
    private int _next;

    private TensorText(Shape shape, ReadOnlySpan<float> values)
    {
        _shape = shape;
        List<float> shown = [];
        Collect(0, 0, values, shown);
        string format = Format(shown);
        _numbers = [.. shown.Select(value => Number(value, format))];
        _width = _numbers.Max(number => number.Length);
    }

    /// <summary>The values of a shape, row-major.</summary>
    public static string Brackets(Shape shape, ReadOnlySpan<float> values)
    {
        if (shape.Count == 0)
            return "[]";
        TensorText text = new(shape, values);
        text.Write(0);
        return text._text.ToString();
    }

    /// <summary>
    /// Whole numbers as such, others with four digits behind the point; an exponent only where that would be long, or would show a
    /// value as 0.
    /// </summary>
    private static string Format(List<float> values)
    {
        List<float> sizes = [.. values.Where(value => float.IsFinite(value) && value != 0f).Select(MathF.Abs)];
        if (sizes.TrueForAll(size => size < LargestWhole && MathF.Truncate(size) == size))
            return "0";
        return sizes.Max() >= LargestFixed || sizes.Min() < SmallestFixed ? "0.0000e+00" : "0.0000";
    }

    private static string Number(float value, string format) => value switch
    {
        float.NaN => "nan",
        float.PositiveInfinity => "inf",
        float.NegativeInfinity => "-inf",
        _ => value.ToString(format, CultureInfo.InvariantCulture),
    };

    private void Collect(int axis, int index, ReadOnlySpan<float> values, List<float> shown)
    {
        if (axis == _shape.Rank)
        {
            shown.Add(values[index]);
            return;
        }

        foreach (int? i in Entries(axis))
        {
            if (i is { } entry)
                Collect(axis + 1, index * _shape[axis] + entry, values, shown);
        }
    }

    private void Write(int axis)
    {
        if (axis == _shape.Rank)
        {
            _text.Append(_numbers[_next++].PadLeft(_width));
            return;
        }

        _text.Append('[');
        bool first = true;
        foreach (int? entry in Entries(axis))
        {
            if (!first)
                Separate(axis);
            first = false;
            if (entry is null)
                _text.Append("...");
            else
                Write(axis + 1);
        }

        _text.Append(']');
    }

    private void Separate(int axis)
    {
        int newLines = Math.Min(MostNewLines, _shape.Rank - 1 - axis);
        if (newLines == 0)
            _text.Append(", ");
        else
            _text.Append(',').Append('\n', newLines).Append(' ', axis + 1);
    }

    /// <summary>The entries of an axis that are shown; null for those left out.</summary>
    private IEnumerable<int?> Entries(int axis)
    {
        int size = _shape[axis], edge = _shape.Rank > AxesShownWell && axis < _shape.Rank - 2 ? OuterEdge : Edge;
        for (int i = 0; i < size; i++)
        {
            if (size > 2 * edge && i == edge)
            {
                yield return null;
                i = size - edge;
            }

            yield return i;
        }
    }
}
