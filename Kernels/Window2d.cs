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

    /// <summary>The first tap of a row of the window; <see cref="TapCursor.Next"/> goes to the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapCursor TapRow(int row) => new(row * Dilation.Height * RowLength, PhaseLength, Stride.Width, Dilation.Width);

    /// <summary>The window over the whole plane as one row, when it has one tap that meets every element.</summary>
    public Window2d Flattened() => Taps == 1 && Stride == 1 && Padding == default
        ? new Window2d(1, PlaneLength, 1, 1, 0, 1)
        : this;

    private static int Positions(int size, int kernel, int stride, int padding, int dilation)
    {
        long room = size + 2L * padding - dilation * (kernel - 1L) - 1;
        return room < 0 ? 0 : (int)(room / stride) + 1;
    }
}

/// <summary>Goes along a row of taps: where the element is that a tap meets at position 0.</summary>
public struct TapCursor
{
    private readonly int _phaseLength, _phases, _steps, _phaseSteps;
    private int _phase;

    internal TapCursor(int start, int phaseLength, int stride, int dilation)
    {
        Offset = start;
        _phaseLength = phaseLength;
        _phases = stride;
        (_steps, _phaseSteps) = stride == 1 ? (dilation, 0) : Math.DivRem(dilation, stride);
    }

    /// <summary>Distance from the element that the window's first tap meets.</summary>
    public int Offset { get; private set; }

    /// <summary>To the next tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        Offset += _steps;
        if (_phases == 1)
            return;
        _phase += _phaseSteps;
        Offset += _phaseSteps * _phaseLength;
        if (_phase >= _phases)
        {
            _phase -= _phases;
            Offset += 1 - _phases * _phaseLength;
        }
    }
}
