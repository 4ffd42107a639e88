using System.Collections.Concurrent;

namespace SpikeEngine.Kernels;

/// <summary>
/// A leaky integrate-and-fire neuron that gets whole numbers from 0 to <see cref="MostCount"/> for T steps, as an automaton: of all that a membrane
/// potential can be, only what makes a difference to later spikes is a state, and of a count only which of a few limits it reaches. That is
/// what lets many neurons run as bits of one register. Spikes are those of <see cref="LifDynamics"/>, computed one by one.
/// </summary>
public sealed class CountNeuron
{
    /// <summary>Most steps.</summary>
    public const int MostSteps = 4;

    private const int MostStates = 4096;   // of one step; published neurons have a handful

    private static readonly ConcurrentDictionary<(LifDynamics, int, int), CountNeuron> s_known = new();

    private readonly LifDynamics _neuron;
    private readonly Step[] _steps;
    private readonly List<Arc[]>[] _states;
    private readonly Dictionary<float, int>[] _byPotential;
    private readonly Dictionary<string, int>[] _bySignature;

    private CountNeuron(LifDynamics neuron, int steps, int most)
    {
        (_neuron, MostCount) = (neuron, most);
        _states = [.. Enumerable.Range(0, steps).Select(_ => new List<Arc[]>())];
        _byPotential = [.. Enumerable.Range(0, steps).Select(_ => new Dictionary<float, int>())];
        _bySignature = [.. Enumerable.Range(0, steps).Select(_ => new Dictionary<string, int>())];
        StateOf(0, 0f);
        _steps = [.. _states.Select(states => new Step([.. states]))];
        Short = ShortForm(_steps);
    }

    /// <summary>Largest count.</summary>
    public int MostCount { get; }

    /// <summary>The steps, each with its states; the first step has one.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>The steps, for kernels.</summary>
    internal ReadOnlySpan<Step> StepSpan => _steps;

    /// <summary>
    /// Two steps that need no states: s_1 = (c_1 ≥ 1), s_2 = (c_2 ≥ 1) or (c_1 ≥ Alone), where so large a first count spikes once more by itself. Neurons with
    /// thresholds up to 1, such as the published one, are of this form; 0 for others.
    /// </summary>
    internal int Short { get; }

    /// <summary>The automaton of a neuron.</summary>
    /// <param name="neuron">Binary, starting at and resting at 0.</param>
    /// <param name="steps">T, at most <see cref="MostSteps"/>.</param>
    /// <param name="mostCount">Largest count that comes.</param>
    /// <exception cref="ArgumentException">There are too many steps, or the potential has too many values that make a difference.</exception>
    public static CountNeuron Of(LifDynamics neuron, int steps, int mostCount)
    {
        if (steps is < 1 or > MostSteps)
            throw new ArgumentException($"A neuron of counts has 1 to {MostSteps} steps, not {steps}.", nameof(steps));
        if (neuron.Levels != 0f || neuron.Shift != 0f)
            throw new ArgumentException("A neuron of counts is binary and rests at 0.", nameof(neuron));
        return s_known.GetOrAdd((neuron, steps, mostCount), static key => new CountNeuron(key.Item1, key.Item2, key.Item3));
    }

    private static int ShortForm(Step[] steps)
    {
        if (steps.Length != 2 || steps[0].MostLimit > SpikeScores.MostInRegisters || steps[0].States[0] is not [{ Fires: false }, { From: 1, Fires: true }, ..] first)
            return 0;
        int alone = 0;
        foreach (Arc arc in first)
        {
            bool isAlone = steps[1].States[arc.Next] is [{ Fires: true }], needsOne = steps[1].States[arc.Next] is [{ Fires: false }, { From: 1, Fires: true }];
            if (!arc.Fires && arc.From > 0 || !(isAlone || needsOne) || (alone > 0 && !isAlone))
                return 0;
            if (isAlone && alone == 0)
                alone = arc.From;
        }

        return alone;
    }

    private int StateOf(int step, float potential)
    {
        if (_byPotential[step].TryGetValue(potential, out int known))
            return known;
        if (_byPotential[step].Count >= MostStates)
            throw new ArgumentException($"{_neuron}: the potential after {step} steps has more than {MostStates} values that make a difference.");
        List<Arc> arcs = [];
        for (int count = 0; count <= MostCount; count++)
        {
            (bool fires, float after) = Next(potential, count);
            bool last = step == _states.Length - 1;

            // More input to a neuron that spikes anyhow, and whose reset takes a constant away, changes no spike: the rest is all alike.
            bool saturated = fires && !_neuron.Hard && SpikesOnItsOwn(after, _states.Length - 1 - step);
            int next = last ? 0 : StateOf(step + 1, saturated ? float.PositiveInfinity : after);
            if (arcs.Count == 0 || arcs[^1].Fires != fires || arcs[^1].Next != next)
                arcs.Add(new Arc(count, fires, next));
            if (saturated)
                break;
        }

        string signature = string.Join(' ', arcs);
        if (!_bySignature[step].TryGetValue(signature, out int state))
        {
            state = _states[step].Count;
            _states[step].Add([.. arcs]);
            _bySignature[step].Add(signature, state);
        }

        _byPotential[step].Add(potential, state);
        return state;
    }

    private (bool Fires, float After) Next(float potential, int count)
    {
        Lanes1 h = _neuron.Charge(Lanes1.Splat(potential), Lanes1.Splat(count)), s = _neuron.Fire(h);
        return (Lanes1.Sum(s) != 0f, Lanes1.Sum(_neuron.After(h, s)));
    }

    private bool SpikesOnItsOwn(float potential, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            (bool fires, potential) = Next(potential, 0);
            if (!fires)
                return false;
        }

        return true;
    }

    /// <summary>What happens from a count on, up to the next arc's.</summary>
    /// <param name="From">The least count.</param>
    /// <param name="Fires">Whether there is a spike.</param>
    /// <param name="Next">The state of the next step.</param>
    public readonly record struct Arc(int From, bool Fires, int Next);

    /// <summary>There is no larger count that makes a difference.</summary>
    internal const int NoLimit = -1;

    /// <summary>An arc with its state, and the count from which on the next arc is taken.</summary>
    internal readonly record struct FlatArc(int State, int From, int Until, bool Fires, int Next);

    /// <summary>The states of a step.</summary>
    public sealed class Step
    {
        private readonly FlatArc[] _flat;

        internal Step(Arc[][] states)
        {
            States = states;
            MostLimit = states.Max(arcs => arcs[^1].From);
            _flat = [.. states.SelectMany((arcs, state) => arcs.Select((arc, i) => new FlatArc(state, arc.From, i + 1 < arcs.Length ? arcs[i + 1].From : NoLimit, arc.Fires, arc.Next)))];
        }

        /// <summary>All arcs of all states, as a kernel goes over them.</summary>
        internal ReadOnlySpan<FlatArc> Arcs => _flat;

        /// <summary>The arcs of each state, by rising count; the first from 0.</summary>
        public IReadOnlyList<Arc[]> States { get; }

        /// <summary>The largest count that makes a difference.</summary>
        public int MostLimit { get; }
    }
}
