using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>
/// The forms in which a vector of integer spikes is given to a product by additions, side by side: the neuron with the encoding, and the product, each alone,
/// in turns with the dense product of the same spikes. Weights come from memory; those in bytes are multiplied by the fastest dense way that there is for them.
/// </summary>
internal static class FormBench
{
    private static readonly (int M, int K, int N)[] s_shapes = [(1, 320, 1_328), (1, 768, 3_352), (1, 2_048, 8_512)];
    private static readonly (StorageType Type, string Name)[] s_types = [(StorageType.Int8, "int8"), (StorageType.Float32, "f32")];
    private static readonly int[] s_levels = [1, 4];
    private static readonly double[] s_densities = [0.1, 0.3];
    private static readonly SpikeForm[] s_forms = [SpikeForm.OnePass, SpikeForm.TernaryPlanes, SpikeForm.Expansion];
    private const int Copies = 4;       // of the weight at least: else a form finds in the cache what the one before has read of the same
    private const int Together = 100;   // vectors, which differ: encoding one takes a microsecond, and the processor would learn it by heart

    /// <summary>How many rows there are.</summary>
    public static int RowCount => s_shapes.Length * s_types.Length * s_levels.Length * s_densities.Length * (1 + s_forms.Length);

    /// <summary>For each shape, type, D and rate the dense product, and then the forms.</summary>
    public static IEnumerable<BenchRow> Rows(BenchContext context) =>
        s_shapes.SelectMany(shape => s_types.SelectMany(type => Rows(context, shape, type, s_levels, s_densities)));

    /// <summary>The same for one weight.</summary>
    internal static IEnumerable<BenchRow> Rows(
        BenchContext context, (int M, int K, int N) shape, (StorageType Type, string Name) type, int[] allLevels, double[] densities)
    {
        Tensor weight = BenchContext.Normal("weight", shape.N, shape.K);
        var stored = StoredTensor.From(weight, type.Type);
        VectorCase product = new(weight, type.Type, Math.Max(CrossoverBench.PoolBytes, Copies * stored.Bytes));
        SpikeDotWeight[] dots = type.Type == StorageType.Int8 ? Dots(stored) : [];
        TimeSpan warmUp = Rounds.WarmUp;
        foreach (int levels in allLevels)
        {
            foreach (double density in densities)
            {
                float[][] vectors = BenchContext.Spikes(levels, density, Together, shape.K).ToArray().Chunk(shape.K).ToArray();
                foreach (BenchRow row in Compare(context, product, dots, vectors, shape, levels, warmUp))
                    yield return row with { Weight = type.Name, Density = density, Levels = levels };
                warmUp = TimeSpan.Zero;
            }
        }
    }

    private static List<BenchRow> Compare(
        BenchContext context, VectorCase product, SpikeDotWeight[] dots, float[][] vectors, (int M, int K, int N) shape, int levels, TimeSpan warmUp)
    {
        SpikeEvents[] fired = [.. s_forms.Select(form => new SpikeEvents(shape.K, levels, form))];
        SpikeEvents[][] ready = [.. s_forms.Select(form => vectors.Select(vector => Fired(vector, levels, form)).ToArray())];
        int[] next = [.. Enumerable.Range(0, s_forms.Length + 1).Select(i => i * Together / (s_forms.Length + 1))];   // never the same vector one after another
        float[] y = new float[shape.N];
        Action dense = () =>
        {
            int at = next[^1]++;
            if (dots.Length > 0)
                dots[at % dots.Length].Multiply(vectors[at % Together], levels, y);
            else
                product.Multiply(vectors[at % Together]);
        };
        Rounds[] rounds = Rounds.InTurns(
            BenchContext.Budget, warmUp, context.Cancellation,
            [
                dense,
                .. fired.Select(events => (Action)(() =>
                {
                    foreach (float[] vector in vectors)
                        events.Fire(vector, threshold: 1f);
                })),
                .. ready.Select((events, form) => (Action)(() => product.Add(events[next[form]++ % Together]))),
            ]);

        List<BenchRow> rows = [rounds[0].Row("dense", shape)];
        for (int form = 0; form < s_forms.Length; form++)
        {
            Rounds encoding = rounds[1 + form].Each(Together), adding = rounds[1 + s_forms.Length + form];
            rows.Add(adding.Row(NameOf(s_forms[form]), shape) with
            {
                EncodeMs = 1e3 * encoding.Median,
                OfProduct = encoding.Median / adding.Median,
                SpeedupVsDense = rounds[0].Median / (encoding.Median + adding.Median),
                AddsExpected = vectors.Average(vector => Expected(vector, levels, s_forms[form])),
                Adds = ready[form].Average(events => events.AddsPerOutput),
            });
        }

        return rows;
    }

    /// <summary>Additions for each output by the formula of a form.</summary>
    internal static double Expected(float[] spikes, int levels, SpikeForm form) => form == SpikeForm.OnePass
        ? spikes.Count(spike => spike != 0) + (levels > 1 ? levels : 0)
        : spikes.Sum(Math.Abs);

    private static SpikeEvents Fired(float[] vector, int levels, SpikeForm form)
    {
        SpikeEvents events = new(vector.Length, levels, form);
        events.Fire(vector, threshold: 1f);
        return events;
    }

    /// <summary>As many as no cache holds together.</summary>
    private static SpikeDotWeight[] Dots(StoredTensor weight) =>
        [.. Enumerable.Range(0, (int)(CrossoverBench.PoolBytes / weight.Bytes) + 1).Select(_ => SpikeDotWeight.From(weight))];

    private static string NameOf(SpikeForm form) => form switch
    {
        SpikeForm.OnePass => "integer",
        SpikeForm.TernaryPlanes => "ternary_planes",
        _ => "expansion",
    };
}
