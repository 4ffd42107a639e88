namespace SpikeEngine.Training.Vision;

/// <summary>Which window of an image is seen, and how. The default is the image itself.</summary>
/// <param name="Top">Row of the image that comes first; what lies outside of the image is black.</param>
/// <param name="Left">Column of the image that comes first.</param>
/// <param name="Mirrored">Whether the window is then turned left to right.</param>
internal readonly record struct ImagePlacement(int Top, int Left, bool Mirrored);
