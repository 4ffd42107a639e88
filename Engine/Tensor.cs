using System.Diagnostics;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A float32 array of any rank, row-major and contiguous, with room for a gradient. A view (<see cref="Reshape"/>,
/// <see cref="SliceRows"/>) shares values and gradient with its source.
/// </summary>
[DebuggerDisplay("{DebuggerText,nq}")]
public partial class Tensor
{
    private readonly Memory<float> _values;
    private readonly Tensor? _source;
    private readonly int _offset;
    private readonly Workspace.Region? _region;
    private Memory<float> _grad;
    private bool _hasGrad;
    private bool _needsGrad;
    private bool _gaveGradBack;
    private Tape? _recordedOn;

    /// <summary>A tensor in the current <see cref="Workspace"/>, or on the heap when none is open; contents are undefined.</summary>
    public Tensor(params ReadOnlySpan<int> dims)
        : this(new Shape(dims))
    {
    }

    /// <inheritdoc cref="Tensor(ReadOnlySpan{int})"/>
    public Tensor(Shape shape)
        : this(shape, Workspace.Rent(shape.Count))
    {
        _region = Workspace.CurrentRegion;
    }

    /// <summary>A tensor over memory that the caller owns.</summary>
    /// <exception cref="ArgumentException">The memory's length is not the shape's count.</exception>
    public Tensor(Shape shape, Memory<float> values)
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"Shape {shape} has {shape.Count} elements, the memory has {values.Length}.", nameof(values));
        Shape = shape;
        _values = values;
    }

    private Tensor(Tensor source, Shape shape, int offset)
    {
        Shape = shape;
        _source = source;
        _offset = offset;
        _region = source._region;
        _values = source._values.Slice(offset, shape.Count);
    }

    /// <summary>Sizes, outermost first.</summary>
    public Shape Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>Number of rows: the product of all sizes but the last.</summary>
    public int Rows => Shape.Rows;

    /// <summary>Length of a row: the last size.</summary>
    public int Columns => Shape.Columns;

    /// <summary>The values, row after row.</summary>
    /// <exception cref="InvalidOperationException">The step it belonged to is over and its memory has been taken back.</exception>
    public Span<float> Values => ValueMemory.Span;

    /// <summary>Whether <see cref="Tape.Backward"/> fills <see cref="Grad"/>: set for parameters and whatever depends on one.</summary>
    public bool NeedsGrad
    {
        get => _source?.NeedsGrad ?? _needsGrad;
        set
        {
            if (_source is not null)
                throw new InvalidOperationException("A view shares the gradient of its source; set NeedsGrad there.");
            _needsGrad = value;
        }
    }

    /// <summary>
    /// The gradient, which accumulates; zeros when nothing has been added yet, and empty when <see cref="NeedsGrad"/>
    /// is false: kernels take an empty span for "nobody asked".
    /// </summary>
    /// <exception cref="InvalidOperationException">The step it belonged to is over and its memory has been taken back.</exception>
    public Span<float> Grad
    {
        get
        {
            ThrowIfReclaimed();
            if (_source is not null)
                return _source.NeedsGrad ? _source.Grad.Slice(_offset, Count) : [];
            if (!_needsGrad)
                return [];
            if (!_hasGrad)
            {
                ReserveGrad();
                _grad.Span.Clear();
                _hasGrad = true;
            }

            return _grad.Span;
        }
    }

    /// <summary>
    /// Whether the gradient stays after the backward pass though an operation made this tensor. Otherwise its memory is given back as soon as the
    /// operation has passed it on, so that a step needs no room for the gradients of all results at once. Parameters and inputs keep theirs.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is a view, which shares the gradient of its source.</exception>
    public bool KeepsGrad
    {
        get;
        set
        {
            if (_source is not null)
                throw new InvalidOperationException("A view shares the gradient of its source; set KeepsGrad there.");
            field = value;
        }
    }

    /// <summary>The tape whose operation made this tensor; null when none did, as for a parameter.</summary>
    internal Tape? RecordedOn
    {
        get => Root.Root._recordedOn;
        set => _recordedOn = value;
    }

    /// <summary>Whether another operation's backward pass still reads the gradient after this one's, and gives it back: that of several results.</summary>
    internal bool IsPassedOnLater { get; init; }

    /// <summary>Whether any operation has written to the gradient.</summary>
    /// <exception cref="InvalidOperationException">It has been passed on and given back; see <see cref="KeepsGrad"/>.</exception>
    public bool HasGrad
    {
        get
        {
            if (_gaveGradBack)
                ThrowGaveGradBack();
            return _source?.HasGrad ?? _hasGrad;
        }
    }

    /// <summary>A tensor of the same shape; contents are undefined.</summary>
    public static Tensor Like(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new Tensor(other.Shape);
    }

    /// <summary>A tensor with a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The number of values is not the shape's count.</exception>
    public static Tensor From(ReadOnlySpan<float> values, params ReadOnlySpan<int> dims)
    {
        Shape shape = new(dims);
        if (values.Length != shape.Count)
            throw new ArgumentException($"Shape {shape} has {shape.Count} elements, {values.Length} values were given.", nameof(values));
        Tensor tensor = new(shape);
        values.CopyTo(tensor.Values);
        return tensor;
    }

    /// <summary>The same elements under another shape of equal count; no copy.</summary>
    /// <param name="dims">The sizes; one of them may be -1: what is left for it.</param>
    /// <exception cref="ArgumentException">The counts differ, or there is more than one -1.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> dims)
    {
        int open = dims.IndexOf(-1);
        Shape shape = open < 0 ? new Shape(dims) : Completed(dims, open);
        if (shape.Count != Count)
            throw new ArgumentException($"{Shape} has {Count} elements and cannot become {shape} with {shape.Count}.", nameof(dims));
        return new Tensor(this, shape, 0);
    }

    /// <summary>The sizes, with the open one such that the count is that of this tensor.</summary>
    private Shape Completed(ReadOnlySpan<int> dims, int open)
    {
        Span<int> sizes = stackalloc int[dims.Length];
        dims.CopyTo(sizes);
        sizes[open] = 1;
        if (sizes.Contains(-1))
            throw new ArgumentException($"{Shape} cannot become [{string.Join(", ", dims.ToArray())}]: only one size may be -1.", nameof(dims));
        int others = new Shape(sizes).Count;
        if (others == 0 || Count % others != 0)
            throw new ArgumentException($"{Shape} has {Count} elements and cannot become [{string.Join(", ", dims.ToArray())}].", nameof(dims));
        sizes[open] = Count / others;
        return new Shape(sizes);
    }

    /// <summary>Entries [start, start + count) of the first axis; no copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not within the shape, or there is no axis.</exception>
    public Tensor SliceRows(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > Shape[0] - start)
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} rows from {start} on are not within {Shape}.");
        return new Tensor(this, Shape.With(0, count), start * Shape.Stride(0));
    }

    /// <summary>
    /// Runs the backward pass of the tape that is open on this thread, from this one number: see <see cref="Tape.Backward"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">No tape is open, or the tape refuses.</exception>
    public void Backward() => (Tape.Current ?? throw new InvalidOperationException(
        "No tape is open, so nothing was recorded: put `using Tape tape = Tape.Begin();` in front of the forward pass.")).Backward(this);

    /// <summary>The only value of a one-element tensor.</summary>
    public float Item() =>
        Count == 1 ? Values[0] : throw new InvalidOperationException($"Item() wants one element; the shape is {Shape}.");

    /// <summary>The values as memory: for other threads, and for writing them somewhere.</summary>
    /// <exception cref="InvalidOperationException">The step it belonged to is over and its memory has been taken back.</exception>
    public Memory<float> ValueMemory
    {
        get
        {
            ThrowIfReclaimed();
            return _values;
        }
    }

    /// <summary>A copy of the values in double, for gradient checks.</summary>
    internal double[] InDouble() => Array.ConvertAll(Values.ToArray(), v => (double)v);

    /// <summary>The tensor whose memory this one shares, and where in it: itself, unless it is a view.</summary>
    internal (Tensor Root, int Offset) Root
    {
        get
        {
            (Tensor root, int offset) = (this, 0);
            for (; root._source is { } source; root = source)
                offset += root._offset;
            return (root, offset);
        }
    }

    /// <summary>The gradient as memory; only after <see cref="Grad"/> or <see cref="ClaimGrad"/>.</summary>
    internal Memory<float> GradMemory => _source?.GradMemory.Slice(_offset, Count) ?? _grad;

    /// <summary>
    /// Prepares the gradient for an operation that writes all of it. True: add to what is there. False: it is the first,
    /// may overwrite, and so saves the pass that would have set zeros.
    /// </summary>
    internal bool ClaimGrad()
    {
        ThrowIfReclaimed();
        if (_source is not null)
        {
            _ = _source.Grad;
            return true;
        }

        if (_hasGrad)
            return true;
        ReserveGrad();
        _hasGrad = true;
        return false;
    }

    /// <summary>Makes room for the gradient, if one is wanted, without saying that there is one.</summary>
    internal void ReserveGrad()
    {
        if (_gaveGradBack)
            ThrowGaveGradBack();
        if (_needsGrad && _grad.IsEmpty)
            _grad = RentGrad();
    }

    /// <summary>After the operation that made this tensor has passed the gradient on: nobody adds to it any more.</summary>
    internal void GiveGradBack()
    {
        if (_source is not null || KeepsGrad || _grad.IsEmpty)
            return;
        if (_region is not null)
            Workspace.GiveBack(_grad);
        (_grad, _hasGrad, _gaveGradBack) = (default, false, true);
    }

    /// <summary>The values as a matrix with rows of <paramref name="columns"/>.</summary>
    internal MatrixView Matrix(int columns) => new(ValueMemory, new MatrixLayout(columns, Transposed: false));

    /// <summary>The transpose of <see cref="Matrix"/>.</summary>
    internal MatrixView MatrixTransposed(int columns) => new(ValueMemory, new MatrixLayout(columns, Transposed: true));

    /// <summary>The gradient as a matrix with rows of <paramref name="columns"/>.</summary>
    internal MatrixView GradMatrix(int columns) => new(GradMemory, new MatrixLayout(columns, Transposed: false));

    /// <summary>The transpose of <see cref="GradMatrix"/>.</summary>
    internal MatrixView GradMatrixTransposed(int columns) => new(GradMemory, new MatrixLayout(columns, Transposed: true));

    /// <summary>A gradient lives as long as the values do: in the step's workspace, or in a block of its own.</summary>
    private Memory<float> RentGrad()
    {
        if (_region is null)
            return AlignedMemory.Allocate(Count);
        return _region == Workspace.CurrentRegion
            ? Workspace.Rent(Count)
            : throw new InvalidOperationException(
                $"A tensor {Shape} is used inside a checkpointed block, or another step, without being one of its inputs; pass it in.");
    }

    private void ThrowGaveGradBack() => throw new InvalidOperationException(
        $"The gradient of a result {Shape} has been passed on and given back; set KeepsGrad before the backward pass to look at it.");

    private void ThrowIfReclaimed()
    {
        if (_region is { IsClosed: true })
            ThrowReclaimed();
    }

    private void ThrowReclaimed() => throw new InvalidOperationException(
        $"This tensor {Shape} belonged to a step whose workspace has been closed, and its memory has been taken back. "
        + "Persist() what you need before the step ends.");

    /// <summary>The values, for kernels.</summary>
    public static implicit operator ReadOnlySpan<float>(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Values;
    }

    /// <summary>The values, for kernels.</summary>
    public static implicit operator Span<float>(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Values;
    }
}
