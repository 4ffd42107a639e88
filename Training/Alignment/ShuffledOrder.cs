using System.Globalization;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// Numbers 0 to count - 1, each once in every pass, in a new order each pass. The order of a pass depends on seed and pass alone, so
/// that how many were taken is all there is to remember. Batches may reach from one pass into the next.
/// </summary>
internal sealed class ShuffledOrder : ITrainingState
{
    private readonly int[] _order;
    private readonly ulong _seed;
    private long _taken;
    private long _pass = -1;

    public ShuffledOrder(int count, ulong seed)
    {
        _order = new int[count];
        _seed = seed;
    }

    /// <summary>The next number.</summary>
    public int Next()
    {
        (long pass, long place) = Math.DivRem(_taken++, _order.Length);
        if (pass != _pass)
        {
            for (int i = 0; i < _order.Length; i++)
                _order[i] = i;
            new SeededRandom(_seed, $"preferences, pass {pass}").Shuffle(_order.AsSpan());
            _pass = pass;
        }

        return _order[place];
    }

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("seed", _seed.ToString(CultureInfo.InvariantCulture));
        state.Number("taken", ref _taken);
    }
}
