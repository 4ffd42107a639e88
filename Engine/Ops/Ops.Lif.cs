using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int LifGrain = 2048;   // neurons

    /// <summary>
    /// A leaky integrate-and-fire neuron over T steps, one input each, from the resting potential: spikes, the potential after each
    /// reset, and the potential before it. Gradients flow back through the potential and, unless detached, through the reset (BPTT).
    /// </summary>
    /// <param name="x">[T, ...], the input current of each step.</param>
    /// <param name="options">The neuron.</param>
    /// <returns>All of them [T, ...].</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or x has no steps.</exception>
    public static (Tensor S, Tensor V, Tensor H) Lif(Tensor x, LifOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(options);
        if (x.Shape.Rank < 2 || x.Shape[0] < 1)
            throw new ArgumentException($"x is {x.Shape}; steps and neurons are wanted.", nameof(x));
        return options.Levels is { } levels
            ? Lif(x, options, new ScaledSurrogate<IntegerSurrogate>(new IntegerSurrogate(options.Threshold, levels), options.SurrogateFactor))
            : WithSurrogate<LifCall, (Tensor, Tensor, Tensor)>(options, new LifCall(x, options));
    }

    /// <summary>
    /// The spikes of <see cref="Lif(Tensor, LifOptions)"/> alone: potentials are not kept, the backward pass runs the steps again. A third of the memory.
    /// </summary>
    /// <param name="x">[T, ...], the input current of each step; at most 64 of them.</param>
    /// <param name="options">The neuron, with binary spikes.</param>
    /// <returns>[T, ...]</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or x has no steps or too many.</exception>
    public static Tensor LifSpikes(Tensor x, LifOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(options);
        if (x.Shape.Rank < 2 || x.Shape[0] < 1 || x.Shape[0] > LifSpikesBackward<ArctanSurrogate>.MostSteps)
            throw new ArgumentException($"x is {x.Shape}; 1 to {LifSpikesBackward<ArctanSurrogate>.MostSteps} steps and neurons are wanted.", nameof(x));
        if (options.Levels is not null)
            throw new ArgumentException("Spikes alone are those of a binary neuron; Lif has whole numbers too.", nameof(options));
        return WithSurrogate<LifSpikesCall, Tensor>(options, new LifSpikesCall(x, options));
    }

    /// <summary>The number of spikes in T steps with x as the current of each: a rate code, from 0 to T, of a value presented once.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="steps">T, at most 16.</param>
    /// <param name="options">The neuron, with a resting potential of 0 and binary spikes.</param>
    /// <returns>Whole numbers, in the shape of x.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static Tensor LifCount(Tensor x, int steps, LifOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, LifCountBackward<ArctanSurrogate>.MostSteps);
        if (options.RestingPotential != 0f || options.Levels is not null)
            throw new ArgumentException("A count of spikes is that of a binary neuron with a resting potential of 0.", nameof(options));
        return WithSurrogate<LifCountCall, Tensor>(options, new LifCountCall(x, steps, options));
    }

    /// <summary>Something to be done with the surrogate that options name, which the compiler shall know.</summary>
    private interface ISurrogateCall<TResult>
    {
        TResult Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate;
    }

    private static TResult WithSurrogate<TCall, TResult>(LifOptions options, TCall call)
        where TCall : struct, ISurrogateCall<TResult> => options.SurrogateFactor == 1f
            ? Named<TCall, TResult>(options, call)
            : Named<ScaledCall<TCall, TResult>, TResult>(options, new ScaledCall<TCall, TResult>(call, options.SurrogateFactor));

    private static TResult Named<TCall, TResult>(LifOptions options, TCall call)
        where TCall : struct, ISurrogateCall<TResult> => options.Surrogate switch
        {
            Surrogate.Rectangular => call.Run(new RectangularSurrogate(options.SurrogateAlpha ?? 1f)),
            Surrogate.Arctan => call.Run(new ArctanSurrogate(options.SurrogateAlpha ?? ArctanAlpha)),
            Surrogate.Sigmoid => call.Run(new SigmoidSurrogate(options.SurrogateAlpha ?? SigmoidAlpha)),
            Surrogate.Triangular => call.Run(new TriangularSurrogate(options.SurrogateAlpha ?? TriangularAlpha)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Surrogate, "There is no such surrogate."),
        };

    private readonly record struct ScaledCall<TCall, TResult>(TCall Call, float Factor) : ISurrogateCall<TResult>
        where TCall : struct, ISurrogateCall<TResult>
    {
        public TResult Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate => Call.Run(new ScaledSurrogate<TSurrogate>(surrogate, Factor));
    }

    private readonly record struct LifCall(Tensor X, LifOptions Options) : ISurrogateCall<(Tensor, Tensor, Tensor)>
    {
        public (Tensor, Tensor, Tensor) Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate => Lif(X, Options, surrogate);
    }

    private readonly record struct LifSpikesCall(Tensor X, LifOptions Options) : ISurrogateCall<Tensor>
    {
        public Tensor Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate => LifSpikes(X, Options.Dynamics(), Options.RestingPotential, surrogate);
    }

    private readonly record struct LifCountCall(Tensor X, int Steps, LifOptions Options) : ISurrogateCall<Tensor>
    {
        public Tensor Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate => LifCount(X, Steps, Options.Dynamics(), surrogate);
    }

    private static (Tensor S, Tensor V, Tensor H) Lif<TSurrogate>(Tensor x, LifOptions options, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        LifDynamics neuron = options.Dynamics();
        using var timing = Profiler.Time(op: nameof(Lif));
        int count = x.Count / x.Shape[0];
        float start = options.RestingPotential;
        Tensor s = Tensor.Like(x), v = new(x.Shape) { IsPassedOnLater = true }, h = new(x.Shape) { IsPassedOnLater = true };
        RowParallel.For(count, LifGrain, (x, s, v, h, neuron, start, count), static (a, from, to) => Simd.Run(new LifForward
        {
            Neuron = a.neuron, X = a.x.Values, Start = a.start, Count = a.count, S = a.s.Values, V = a.v.Values, H = a.h.Values, From = from, To = to,
        }));

        Tape.Record(s, [x], (x, v, h, neuron, surrogate, start, count), static (saved, s) =>
        {
            PrepareGrads(saved.x);
            RowParallel.For(saved.count, LifGrain, (saved, s), static (a, from, to) => Simd.Run(new LifBackward<TSurrogate>
            {
                Neuron = a.saved.neuron, Surrogate = a.saved.surrogate, S = a.s.Values, H = a.saved.h.Values, GradS = a.s.Grad,
                GradV = a.saved.v.HasGrad ? a.saved.v.Grad : default, GradH = a.saved.h.HasGrad ? a.saved.h.Grad : default,
                GradX = a.saved.x.Grad, Count = a.saved.count, From = from, To = to,
            }));
            saved.v.GiveGradBack();
            saved.h.GiveGradBack();
        },
        inDouble: static (saved, values) => LifInDouble(values[0], saved.neuron, saved.start, saved.count).S,
        surrogate: static (saved, values) => LifSurrogateInDouble(values[0], saved.h, saved.neuron, saved.surrogate, saved.start, saved.count).S);

        // One backward serves all three, and it is that of the spikes: a gradient of another alone must wake it.
        Tape.Record(
            v, [x], (s, h, neuron, surrogate, start, count), static (saved, _) => ZeroUnlessSet(saved.s),
            inDouble: static (saved, values) => LifInDouble(values[0], saved.neuron, saved.start, saved.count).V,
            surrogate: static (saved, values) => LifSurrogateInDouble(values[0], saved.h, saved.neuron, saved.surrogate, saved.start, saved.count).V);
        Tape.Record(
            h, [x], (s, h, neuron, surrogate, start, count), static (saved, _) => ZeroUnlessSet(saved.s),
            inDouble: static (saved, values) => LifInDouble(values[0], saved.neuron, saved.start, saved.count).H,
            surrogate: static (saved, values) => LifSurrogateInDouble(values[0], saved.h, saved.neuron, saved.surrogate, saved.start, saved.count).H);
        return (s, v, h);
    }

    private static Tensor LifSpikes<TSurrogate>(Tensor x, LifDynamics neuron, float start, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        using var timing = Profiler.Time(op: nameof(LifSpikes));
        int count = x.Count / x.Shape[0];
        Tensor s = Tensor.Like(x);
        RowParallel.For(count, LifGrain, (x, s, neuron, start, count), static (a, from, to) => Simd.Run(new LifForward
        {
            Neuron = a.neuron, X = a.x.Values, Start = a.start, Count = a.count, S = a.s.Values, From = from, To = to,
        }));

        return Tape.Record(s, [x], (x, neuron, surrogate, start, count), static (saved, s) =>
        {
            PrepareGrads(saved.x);
            RowParallel.For(saved.count, LifGrain, (saved, s), static (a, from, to) => Simd.Run(new LifSpikesBackward<TSurrogate>
            {
                Neuron = a.saved.neuron, Surrogate = a.saved.surrogate, X = a.saved.x.Values, Start = a.saved.start, GradS = a.s.Grad, GradX = a.saved.x.Grad, Count = a.saved.count,
                From = from, To = to,
            }));
        },
        inDouble: static (saved, values) => LifInDouble(values[0], saved.neuron, saved.start, saved.count).S,
        surrogate: static (saved, values) =>
        {
            double[] charges = LifInDouble([.. saved.x.ToArray().Select(value => (double)value)], saved.neuron, saved.start, saved.count).H;
            Tensor recorded = new(saved.x.Shape);
            for (int i = 0; i < charges.Length; i++)
                recorded.Values[i] = (float)charges[i];
            return LifSurrogateInDouble(values[0], recorded, saved.neuron, saved.surrogate, saved.start, saved.count).S;
        });
    }

    private static Tensor LifCount<TSurrogate>(Tensor x, int steps, LifDynamics neuron, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        using var timing = Profiler.Time(op: nameof(LifCount));
        Tensor s = Tensor.Like(x);
        RowParallel.For(x.Count, PieceFloats, (x, s, neuron, steps), static (a, start, end) => Simd.Run(new LifCountForward
        {
            Neuron = a.neuron, Steps = a.steps, X = a.x.Values[start..end], S = a.s.Values[start..end],
        }));

        return Tape.Record(s, [x], (x, neuron, surrogate, steps), static (saved, s) =>
        {
            bool isFirst = ClearsInParts(saved.x);
            RowParallel.For(s.Count, PieceFloats, (saved, s, isFirst), static (a, start, end) => Simd.Run(new LifCountBackward<TSurrogate>
            {
                Neuron = a.saved.neuron, Steps = a.saved.steps, Surrogate = a.saved.surrogate, X = a.saved.x.Values[start..end],
                GradS = a.s.Grad[start..end], GradX = a.saved.x.GradPart(start, end, a.isFirst),
            }));
        },
        inDouble: static (saved, v) => LifCountInDouble(v[0], saved.steps, saved.neuron),
        surrogate: static (saved, v) => LifCountSurrogateInDouble(v[0], saved.x, saved.steps, saved.neuron, saved.surrogate));
    }
}
