using System.Diagnostics;
using SpikeEngine.Kernels;
using SpikeEngine.Training;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// Times operations that go over tensors once, in turns with a <see cref="StreamPass"/> that reads and writes as many of the same
/// size. Bytes are those of the operation's definition: every tensor once, whatever the kernel does; vectors of a row's length are free.
/// </summary>
internal sealed class StreamBench
{
    private const int MostStreams = 4;
    private const int Grain = 16_384;            // that of element-wise operations
    private const int SmallFloats = 1 << 22;     // below which work is repeated: alone it would find its tensors outside of the cache
    private const int SmallRepeats = 10;
    private const int RandomFloats = 1 << 18;    // repeated until a tensor is full; drawing all of a large one would take a second

    private readonly int _largest;
    private readonly TimeSpan _budget;
    private readonly Workspace _workspace;
    private readonly CancellationToken _cancellation;
    private readonly Memory<float>[] _sources;
    private readonly Memory<float> _yardstick;
    private Shape _shape = new(1);
    private TimeSpan _warmUp;

    /// <summary>Fills the tensors that operations read.</summary>
    /// <param name="largest">Floats in the largest tensor.</param>
    /// <param name="budget">About how long the rounds of one row take.</param>
    /// <param name="workspace">Where results live.</param>
    /// <param name="cancellation">Stops between two rounds.</param>
    public StreamBench(int largest, TimeSpan budget, Workspace workspace, CancellationToken cancellation)
    {
        (_largest, _budget, _workspace, _cancellation) = (largest, budget, workspace, cancellation);
        _yardstick = AlignedMemory.Allocate(MostStreams * largest);
        _yardstick.Span.Clear();   // written, so that the pages exist; zeros stay zeros however often they are added up
        float[] random = Tensor.RandomNormal(new SeededRandom(1, "source"), Math.Min(largest, RandomFloats)).ToArray();
        _sources = [Filled(random), Filled(random.AsSpan(random.Length / 2))];
    }

    /// <summary>Sets the shape of the tensors of what follows, and how long its code is warmed up.</summary>
    public void Use(Shape shape, TimeSpan warmUp) => (_shape, _warmUp) = (shape, warmUp);

    /// <summary>A tensor to read.</summary>
    public Tensor Source(int index) => new(_shape, _sources[index][.._shape.Count]);

    /// <summary>An operation that reads some tensors and writes one.</summary>
    public BenchRow Forward(string name, int reads, Func<Tensor> run) => Measure(name, reads, writes: 1, inPlace: false, () => Seconds(() =>
    {
        using Workspace.Scope scope = _workspace.Open();
        run();
    }));

    /// <summary>The backward pass of an operation on one tensor: it reads x and the gradient of y, and writes the first gradient of x.</summary>
    public BenchRow Backward(string name, Func<Tensor, Tensor> run) => Measure(name, reads: 2, writes: 1, inPlace: false, () =>
    {
        // x belongs to the step, like what a layer gets from the one before; its gradient then takes its memory from there.
        using Tape tape = Tape.Begin(_workspace);
        Tensor x = Tensor.From(Source(0).Values, _shape.Dims);
        x.NeedsGrad = true;
        Tensor y = run(x);
        Source(1).Values.CopyTo(y.Grad);
        return Seconds(tape.Replay);
    });

    /// <summary>The optimiser: it reads a gradient, values and two moments, and writes all but the first.</summary>
    public BenchRow AdamW()
    {
        var parameters = ParameterStore.Random(1);
        Parameter parameter = parameters.Root.Get("weight", _shape.Dims, Init.Zeros, decays: true);
        Source(0).Values.CopyTo(parameter.Values);
        Source(1).Values.CopyTo(parameter.Grad);
        AdamW optimizer = new(parameters);
        return Measure("adamw", reads: 4, writes: 3, inPlace: true, () => Seconds(() => optimizer.Step(1e-3f)));
    }

    private BenchRow Measure(string name, int reads, int writes, bool inPlace, Func<double> run)
    {
        int repeats = _shape.Count < SmallFloats ? SmallRepeats : 1;
        Rounds[] rounds = Rounds.InTurns(
            _budget, _warmUp, _cancellation, () => Repeat(run), () => Repeat(() => Seconds(() => Pass(reads, writes, inPlace))));
        Rounds own = rounds[0].Each(repeats), pass = rounds[1].Each(repeats);
        return own.Row(name) with
        {
            M = _shape[0],
            N = _shape[1],
            Gbs = (double)(reads + writes) * _shape.Count * sizeof(float) / own.Median / 1e9,
            OfPeak = pass.Median / own.Median,
        };

        double Repeat(Func<double> once)
        {
            double seconds = 0;
            for (int i = 0; i < repeats; i++)
                seconds += once();
            return seconds;
        }
    }

    /// <summary>The yardstick, on all threads in use.</summary>
    private void Pass(int reads, int writes, bool inPlace)
    {
        int length = _shape.Count;
        Memory<float> x = _yardstick[..(reads * length)];
        Memory<float> y = _yardstick.Slice(inPlace ? 0 : reads * length, writes * length);
        RowParallel.For(length, Grain, (x, y, length), static (s, start, end) => Simd.Run(new StreamPass
        {
            X = s.x.Span,
            Y = s.y.Span,
            Length = s.length,
            Start = start,
            End = end,
        }));
    }

    private Memory<float> Filled(ReadOnlySpan<float> values)
    {
        Memory<float> memory = AlignedMemory.Allocate(_largest);
        for (Memory<float> rest = memory; !rest.IsEmpty;)
        {
            int count = Math.Min(rest.Length, values.Length);
            values[..count].CopyTo(rest.Span);
            rest = rest[count..];
        }

        return memory;
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
