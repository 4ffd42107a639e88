using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>A height and a width; one number means both.</summary>
/// <param name="Height">Along the rows of a plane.</param>
/// <param name="Width">Along a row.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>A square.</summary>
    public static implicit operator Size2d(int size) => new(size, size);

    /// <summary>Height and width.</summary>
    public static implicit operator Size2d((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>As in (3, 5).</summary>
    public override string ToString() => $"({Height}, {Width})";
}

/// <summary>
/// A window that moves over a plane, for convolutions and pools. Kernels read planes through a padded copy in which the
/// columns that one tap meets at consecutive positions lie side by side: row [phase][index] holds column index * stride +
/// phase, so that lanes run over positions for every stride, and no loop asks for borders. A plane without padding and
/// with horizontal stride 1 has that form as it is (<see cref="IsPlain"/>).
/// </summary>
/// <param name="Height">Rows of the plane.</param>
/// <param name="Width">Columns of the plane.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">Steps of the window.</param>
/// <param name="Padding">Rows above and below, columns left and right, that are made up.</param>
/// <param name="Dilation">Distance between taps.</param>
public readonly record struct Window2d(int Height, int Width, Size2d Kernel, Size2d Stride, Size2d Padding, Size2d Dilation)
{
    /// <summary>Positions of the window in a column; below 1 when it does not fit.</summary>
    public int OutHeight => Positions(Height, Kernel.Height, Stride.Height, Padding.Height, Dilation.Height);

    /// <summary>Positions of the window in a row; below 1 when it does not fit.</summary>
    public int OutWidth => Positions(Width, Kernel.Width, Stride.Width, Padding.Width, Dilation.Width);

    /// <summary>Positions of the window.</summary>
    public int OutCount => OutHeight * OutWidth;

    /// <summary>Taps of the window.</summary>
    public int Taps => Kernel.Height * Kernel.Width;

    /// <summary>Elements of a plane.</summary>
    public int PlaneLength => Height * Width;

    /// <summary>Whether kernels can read the plane where it is.</summary>
    public bool IsPlain => Padding == default && Stride.Width == 1;

    /// <summary>Columns of one phase.</summary>
    public int PhaseLength => IsPlain ? Width : OutWidth + (Kernel.Width - 1) * Dilation.Width / Stride.Width;

    /// <summary>Distance between rows of the form that kernels read.</summary>
    public int RowLength => PhaseLength * Stride.Width;

    /// <summary>Padded rows that some rows of positions meet.</summary>
    public int RowsFor(int outRows) => (outRows - 1) * Stride.Height + (Kernel.Height - 1) * Dilation.Height + 1;

    /// <summary>Where its taps are.</summary>
    internal TapGrid Grid => new(this);

    /// <summary>
    /// An equal window that is less work: over the plane as one row when its one tap meets every element, and without a stride
    /// where it has one position only because it covers everything.
    /// </summary>
    public Window2d Simplified()
    {
        if (Taps == 1 && Stride == 1 && Padding == default)
            return new Window2d(1, PlaneLength, 1, 1, 0, 1);
        bool high = Covers(Height, Kernel.Height, Padding.Height, Dilation.Height);
        bool wide = Covers(Width, Kernel.Width, Padding.Width, Dilation.Width);
        return this with { Stride = (high ? 1 : Stride.Height, wide ? 1 : Stride.Width) };
    }

    private static bool Covers(int size, int kernel, int padding, int dilation) => size + 2L * padding == dilation * (kernel - 1L) + 1;

    private static int Positions(int size, int kernel, int stride, int padding, int dilation)
    {
        long room = size + 2L * padding - dilation * (kernel - 1L) - 1;
        return room < 0 ? 0 : (int)(room / stride) + 1;
    }
}

/// <summary>The taps of a window in the form of planes that kernels read; made once, since loops ask for every tap.</summary>
internal readonly struct TapGrid
{
    private readonly int _rowStep, _phaseLength, _phases, _steps, _phaseSteps;

    internal TapGrid(Window2d window)
    {
        (Rows, Columns) = (window.Kernel.Height, window.Kernel.Width);
        _phaseLength = window.PhaseLength;
        _phases = window.Stride.Width;
        _rowStep = window.Dilation.Height * window.RowLength;
        (_steps, _phaseSteps) = Math.DivRem(window.Dilation.Width, _phases);
    }

    /// <summary>Rows of taps.</summary>
    public int Rows { get; }

    /// <summary>Taps of a row.</summary>
    public int Columns { get; }

    /// <summary>
    /// Where one more register of results ends with a row of them, overlapping what is done: the same numbers again, which is
    /// cheaper than a tail of single ones. Rows shorter than a register have only that.
    /// </summary>
    public static int LastRegister<L>(int done, int width)
        where L : struct, ILanes<L> => done < width && width >= L.Count ? width - L.Count : done;

    /// <summary>The first tap of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapCursor Row(int row) => new() { Offset = row * _rowStep };

    /// <summary>To the next tap of the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(ref TapCursor tap)
    {
        tap.Offset += _steps;
        if (_phases == 1)
            return;
        tap.Phase += _phaseSteps;
        tap.Offset += _phaseSteps * _phaseLength;
        if (tap.Phase >= _phases)
        {
            tap.Phase -= _phases;
            tap.Offset += 1 - _phases * _phaseLength;
        }
    }
}

/// <summary>One tap of a row.</summary>
internal struct TapCursor
{
    /// <summary>Where the element is that it meets at position 0, seen from the one that the window's first tap meets.</summary>
    public int Offset;

    /// <summary>Its phase.</summary>
    public int Phase;
}
