namespace SpikeEngine.Kernels;

/// <summary>
/// The spikes of one row of a plane that a window meets at one position: they lie side by side among the events of the row. Each event is
/// column * channels + channel in 16 bits, so that less <see cref="Shift"/>, in 16 bits, it is the row of the weights.
/// </summary>
/// <param name="Start">First event.</param>
/// <param name="Length">Number of events.</param>
/// <param name="Shift">What the window's first column begins with.</param>
/// <param name="At">The position that the topmost row of taps adds to: row * width + column.</param>
public readonly record struct SpikeRun(int Start, int Length, int Shift, int At);

/// <summary>Runs, sorted by length, of the rows of a plane that meet the same rows of taps.</summary>
/// <param name="Taps">The rows of taps, a bit each; 0 for no class.</param>
/// <param name="End">Where its runs end.</param>
public readonly record struct SpikeRunClass(ulong Taps, int End);
