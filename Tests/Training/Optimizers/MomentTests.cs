using SpikeEngine.Training;

namespace SpikeEngine.Tests.Training.Optimizers;

/// <summary>Both optimisers with moments of both kinds.</summary>
[Collection(Lanes.Name)]
public class MomentTests
{
    public static TheoryData<string, MomentType> All => new()
    {
        { nameof(AdamW), MomentType.Float32 }, { nameof(AdamW), MomentType.BFloat16 },
        { nameof(Lion), MomentType.Float32 }, { nameof(Lion), MomentType.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void StepsHaveTheSameBitsAtAnyWidthAndForAnyNumberOfThreads(string name, MomentType type)
    {
        List<string>? expected = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            Lanes.WithThreads(threads, () => Lanes.AtEveryWidth(() =>
            {
                (ParameterStore store, Optimizer optimizer) = Make(name, type);
                Train(store, optimizer, 0, 3);
                List<string> state = State(store, optimizer);
                Assert.Equal(expected ??= state, state);
            }));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AResumedRunHasTheBitsOfOneThatNeverStopped(string name, MomentType type)
    {
        (ParameterStore whole, Optimizer optimizer) = Make(name, type);
        Train(whole, optimizer, 0, 4);

        (ParameterStore first, Optimizer before) = Make(name, type);
        Train(first, before, 0, 2);
        (ParameterStore second, Optimizer after) = Make(name, type, seed: 99);
        foreach (Parameter parameter in first.Parameters)
            parameter.Values.CopyTo(second[parameter.Path].Values);
        SavedState.Of(before).Restore(after);
        Train(second, after, 2, 4);

        Assert.Equal(State(whole, optimizer), State(second, after));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AStepAllocatesNothing(string name, MomentType type)
    {
        (ParameterStore store, Optimizer optimizer) = Make(name, type);
        Train(store, optimizer, 0, 2);
        Assert.Equal(0, Allocated.ByOne(() =>
        {
            GradientClipping.Clip(store, 1e-3f);
            optimizer.Step(1e-3f);
        }));
    }

    [Theory]
    [InlineData(nameof(AdamW))]
    [InlineData(nameof(Lion))]
    public void BFloat16HalvesTheState(string name)
    {
        Assert.Equal(Bytes(MomentType.Float32), 2 * Bytes(MomentType.BFloat16));

        long Bytes(MomentType type) => SavedState.Of(Make(name, type).Optimizer).Values.Values
            .Sum(value => value is float[] floats ? 4L * floats.Length : value is ushort[] codes ? 2L * codes.Length : 0);
    }

    [Fact]
    public void SmallChangesOfBFloat16AddUp()
    {
        // Each step moves v by a thousandth of the way, less than half the distance of two bfloat16: to the nearest it would stay 0.01.
        ParameterStore store = ParameterStore.Random(1);
        Parameter parameter = store.Root.Get("w", [4_096], Init.Zeros);
        AdamW optimizer = new(store, new AdamWOptions(Beta2: 0.999) { Moments = MomentType.BFloat16 });
        double expected = 0;
        for (int step = 0; step < 1_000; step++)
        {
            float g = step < 300 ? 1f : 0.1f;
            parameter.Grad.Fill(g);
            optimizer.Step(1e-3f);
            expected = 0.999 * expected + 0.001 * g * g;
        }

        Assert.Equal(1, optimizer.SecondMoment(parameter).Average() / expected, 5e-3);
    }

    /// <summary>Least squares: what rounding costs is noise far below what is learned.</summary>
    [Theory]
    [InlineData(nameof(AdamW))]
    [InlineData(nameof(Lion))]
    public void BFloat16LearnsAsWellAsFloat32(string name)
    {
        const int Count = 512, Steps = 600;
        double start = Error(MomentType.Float32, 0), exact = Error(MomentType.Float32, Steps), rounded = Error(MomentType.BFloat16, Steps);
        Assert.InRange(exact, 0, start / 1_000);
        Assert.InRange(rounded, 0, start / 1_000);

        double Error(MomentType type, int steps)
        {
            ParameterStore store = ParameterStore.Random(5);
            Parameter parameter = store.Root.Get("w", [Count], Init.Normal(1f));
            Optimizer optimizer = name == nameof(Lion)
                ? new Lion(store, new LionOptions { Moments = type })
                : new AdamW(store, new AdamWOptions(Beta2: 0.999) { Moments = type });
            SeededRandom noise = new(1, "noise");
            for (int step = 0; step < steps; step++)
            {
                for (int i = 0; i < Count; i++)
                    parameter.Grad[i] = (1 + i % 7) * (parameter.Values[i] - 0.5f) + 0.01f * noise.NextNormal();
                optimizer.Step(2e-2f * (1 - step / (float)steps));
            }

            return parameter.Values.ToArray().Sum(v => (v - 0.5) * (v - 0.5)) / Count;
        }
    }

    [Fact]
    public void OptionsOutOfTheirRangeAreNamed()
    {
        ParameterStore store = ParameterStore.Random(5);
        Refused("Beta1 is 1;", () => new AdamW(store, new AdamWOptions(Beta1: 1)));
        Refused("Beta2 is -0.1;", () => new Lion(store, new LionOptions(Beta2: -0.1)));
        Refused("Eps is 0;", () => new AdamW(store, new AdamWOptions(Eps: 0)));
        Refused("WeightDecay is NaN;", () => new Lion(store, new LionOptions(WeightDecay: float.NaN)));
        Refused("Moments is 7;", () => new Lion(store, new LionOptions { Moments = (MomentType)7 }));

        static void Refused(string message, Func<Optimizer> make) =>
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASeedHasRandomBitsOfItsOwn()
    {
        Assert.NotEqual(Codes(1), Codes(2));

        static object Codes(ulong seed)
        {
            (ParameterStore store, Optimizer optimizer) = Make(nameof(Lion), MomentType.BFloat16, seed);
            Train(store, optimizer, 0, 1);
            return SavedState.Of(optimizer).Values["m.small"];
        }
    }

    private static (ParameterStore Store, Optimizer Optimizer) Make(string name, MomentType type, ulong seed = 1)
    {
        ParameterStore store = ParameterStore.Random(5);
        store.Root.Get("large", [70_003], Init.Normal(1f), decays: true);
        store.Root.Get("small", [37], Init.Normal(1f));
        return (store, name == nameof(Lion)
            ? new Lion(store, new LionOptions { Moments = type, Seed = seed })
            : new AdamW(store, new AdamWOptions { Moments = type, Seed = seed }));
    }

    private static void Train(ParameterStore store, Optimizer optimizer, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            foreach (Parameter parameter in store.Parameters)
                Init.Normal(0.1f)(parameter.Grad, new SeededRandom((ulong)step, parameter.Path));
            optimizer.Step(1e-2f);
        }
    }

    private static List<string> State(ParameterStore store, Optimizer optimizer) =>
    [
        .. SavedState.Of(optimizer).Values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value switch
        {
            float[] floats => string.Join(' ', floats.Select(BitConverter.SingleToInt32Bits)),
            ushort[] codes => string.Join(' ', codes),
            _ => pair.Value,
        }}"),
        .. store.Parameters.Select(parameter => string.Join(' ', parameter.Values.ToArray().Select(BitConverter.SingleToInt32Bits))),
    ];
}
