namespace SpikeEngine;

/// <summary>
/// Drops a share of the elements while a tape is recording: see <see cref="Ops.Dropout"/>. With no tape, which means inference, it is
/// the identity, returns x itself and takes no random number. It has no parameters and so no path of its own.
/// </summary>
public sealed class Dropout : Module
{
    private readonly float _p;
    private readonly SeededRandom _random;

    /// <summary>A dropout with a stream of its own or a shared one.</summary>
    /// <param name="p">Share that is dropped, in [0, 1).</param>
    /// <param name="random">Gives one key to every call; its <see cref="SeededRandom.Position"/> belongs into the state of a run.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is not in [0, 1).</exception>
    public Dropout(float p, SeededRandom random)
        : base(default)
    {
        ArgumentNullException.ThrowIfNull(random);
        Ops.RequireShare(p);
        (_p, _random) = (p, random);
    }

    /// <summary>Any shape, kept.</summary>
    public Tensor Forward(Tensor x) => Tape.IsRecording ? Ops.Dropout(x, _p, _random) : x;
}
