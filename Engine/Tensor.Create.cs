using CommunityToolkit.HighPerformance;

namespace SpikeEngine;

// Ways to make a tensor: From copies, Wrap does not.
public partial class Tensor
{
    private Tensor(Shape shape, Memory<float> values, Workspace.Region? region)
        : this(shape, values) => _region = region;

    /// <summary>All 0.</summary>
    public static Tensor Zeros(params ReadOnlySpan<int> dims) => Full(0f, dims);

    /// <summary>All 1.</summary>
    public static Tensor Ones(params ReadOnlySpan<int> dims) => Full(1f, dims);

    /// <summary>All equal to <paramref name="value"/>.</summary>
    public static Tensor Full(float value, params ReadOnlySpan<int> dims)
    {
        Tensor tensor = new(dims);
        tensor.Values.Fill(value);
        return tensor;
    }

    /// <summary>0, 1, ..., count - 1</summary>
    /// <returns>[count]</returns>
    public static Tensor Arange(int count) => Arange(0f, count);

    /// <summary>start, start + step, ... before end: element i is start + i step, so that errors do not add up.</summary>
    /// <returns>[⌈(end - start) / step⌉]</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is 0 or not a number, or there are too many elements.</exception>
    public static Tensor Arange(float start, float end, float step = 1f)
    {
        double count = Math.Ceiling(((double)end - start) / step);
        if (step == 0f || !(count <= int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(step), $"From {start} to {end} in steps of {step}.");
        Tensor tensor = new(Math.Max(0, (int)count));
        Span<float> values = tensor.Values;
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(start + (double)i * step);
        return tensor;
    }

    /// <summary>1 on the main diagonal, 0 elsewhere.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns; that of rows when null.</param>
    /// <returns>[rows, columns]</returns>
    public static Tensor Eye(int rows, int? columns = null)
    {
        Tensor tensor = Zeros(rows, columns ?? rows);
        for (int i = 0; i < Math.Min(rows, tensor.Columns); i++)
            tensor.Values[i * tensor.Columns + i] = 1f;
        return tensor;
    }

    /// <summary>Normal numbers with mean 0 and deviation 1, drawn in row-major order.</summary>
    public static Tensor RandomNormal(SeededRandom random, params ReadOnlySpan<int> dims)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tensor tensor = new(dims);
        foreach (ref float value in tensor.Values)
            value = random.NextNormal();
        return tensor;
    }

    /// <summary>Uniform numbers in [0, 1), drawn in row-major order.</summary>
    public static Tensor RandomUniform(SeededRandom random, params ReadOnlySpan<int> dims)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tensor tensor = new(dims);
        foreach (ref float value in tensor.Values)
            value = random.NextFloat();
        return tensor;
    }

    /// <summary>A copy of a two-dimensional array.</summary>
    /// <returns>[rows, columns]</returns>
    public static Tensor From(float[,] values) => From(new ReadOnlySpan2D<float>(values));

    /// <summary>A copy of rows and columns.</summary>
    /// <returns>[height, width]</returns>
    public static Tensor From(ReadOnlySpan2D<float> values)
    {
        Tensor tensor = new(values.Height, values.Width);
        values.CopyTo(tensor.Values);
        return tensor;
    }

    /// <summary>A tensor over memory that the caller owns, an array for example; no copy, and writes show on both sides.</summary>
    /// <exception cref="ArgumentException">The memory's length is not the shape's count.</exception>
    public static Tensor Wrap(Memory<float> values, params ReadOnlySpan<int> dims) => new(new Shape(dims), values);

    /// <summary>The values in a new array.</summary>
    public float[] ToArray() => Values.ToArray();

    /// <summary>A copy with memory of its own; the gradient flows back through it.</summary>
    public Tensor Clone() => Ops.Copy(this);

    /// <summary>A tensor over the same memory that is a constant: no gradient flows back through it. Writes show on both sides.</summary>
    public Tensor Detach() => new(Shape, ValueMemory, _region);

    /// <summary>
    /// A constant copy of the values that belongs to no step: it stays when the <see cref="Workspace"/> is taken back. So a state is
    /// handed to the next step, and a result out of the loop.
    /// </summary>
    public Tensor Persist()
    {
        Memory<float> copy = AlignedMemory.Allocate(Count);
        Values.CopyTo(copy.Span);
        return new Tensor(Shape, copy);
    }
}
