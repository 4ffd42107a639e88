using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels.Attention;

/// <summary>Attention on bits against whole numbers, place by place: the same bits at every width.</summary>
[Collection(Lanes.Name)]
public class SpikingAttentionKernelTests
{
    private static readonly float[] s_thresholds = [0.7f, 1f, 2.6f, 6f];

    private static readonly Gen<(int Steps, int Keys, int Before, int Channels, double Density, float Threshold)> s_cases = Gen.Select(
        Gen.Int[1, 4], Gen.Int[1, 700], Gen.Int[0, 130], Gen.Int[1, 80], Gen.Double[0, 1], Gen.Int[0, 3].Select(i => s_thresholds[i]));

    [Fact]
    public void MapsAndSumsAreThoseOfWholeNumbers() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c => Check(c.Steps, c.Keys, Math.Min(c.Before, c.Keys - 1), c.Channels, c.Density * c.Density, c.Threshold), iter: 12, threads: 1));

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(0.4)]
    [InlineData(1.0)]
    public void ThePublishedNeuronAtAllDensities(double density) => Lanes.AtEveryWidth(() =>
    {
        Check(2, 200, 0, 64, density, 0.7f);
        Check(2, 131, 70, 33, density, 0.7f);
        Check(2, 131, 70, 33, density, 1f);
    });

    private static void Check(int steps, int keys, int before, int channels, double density, float threshold)
    {
        int queries = keys - before, items = BitRows.Words(channels), words = BitRows.PaddedWords(queries), valueWords = BitRows.PaddedWords(keys);
        bool[][,] q = Spikes("q", steps, queries, channels, density), k = Spikes("k", steps, keys, channels, density), v = Spikes("v", steps, keys, channels, density);
        LifDynamics neuron = new LifOptions { Tau = 10f, Threshold = threshold }.Dynamics();
        bool[][,] expected = Map(q, k, before, neuron);

        ulong[] map = new ulong[steps * keys * words];
        Simd.RunBits(new SpikeScores
        {
            Neuron = CountNeuron.Of(neuron, steps, channels), Channels = channels, ItemCount = keys, Items = Rows(k, items), Planes = Columns(q, words), PlaneWords = words,
            PlaneStep = channels * words, RowWords = words, Spikes = map,
            First = [.. Enumerable.Range(0, keys).Select(key => Math.Max(0, key - before))], End = [.. Enumerable.Repeat(queries, keys)],
        });
        for (int step = 0; step < steps; step++)
        {
            for (int key = 0; key < keys; key++)
            {
                for (int query = 0; query < words * 64; query++)
                    Assert.Equal(query < queries && expected[step][query, key], Bit(map, (step * keys + key) * words, query));
            }

            float[] o = new float[queries * channels];
            int digits = SpikeMixing.Digits(keys);
            ulong[] digitPlanes = new ulong[channels * digits * words];
            Simd.RunBits(new SpikeMixing
            {
                Map = map.AsSpan(step * keys * words, keys * words), RowWords = words, Values = Columns([v[step]], valueWords), ValueWords = valueWords, Keys = keys, Before = before,
                Channels = channels, Sums = digitPlanes, Scratch = new int[keys],
            });
            Simd.Run(new SumsToFloats
            {
                Sums = digitPlanes, Digits = digits, RowWords = words, Queries = queries, Channels = channels, O = o, Stride = channels, Scratch = new float[channels * 64],
            });
            for (int query = 0; query < queries; query++)
            {
                float[] sums = [.. Enumerable.Range(0, channels).Select(c => (float)Enumerable.Range(0, keys).Count(key => expected[step][query, key] && v[step][key, c]))];
                Assert.Equal(sums, o[(query * channels)..((query + 1) * channels)]);
                float[] one = new float[channels];
                ulong[] row = new ulong[valueWords];
                for (int key = 0; key < keys; key++)
                    row[key / 64] |= (expected[step][query, key] ? 1UL : 0UL) << key;
                SpikeMixingOne.Run(row, Columns([v[step]], valueWords), valueWords, one);
                Assert.Equal(sums, one);
            }
        }
    }

    /// <summary>A = SN(M ∘ Q Kᵀ), one neuron for each pair.</summary>
    private static bool[][,] Map(bool[][,] q, bool[][,] k, int before, LifDynamics neuron)
    {
        int queries = q[0].GetLength(0), keys = k[0].GetLength(0), channels = q[0].GetLength(1);
        bool[][,] map = [.. q.Select(_ => new bool[queries, keys])];
        for (int query = 0; query < queries; query++)
        {
            for (int key = 0; key <= before + query; key++)
            {
                Lanes1 potential = Lanes1.Zero;
                for (int step = 0; step < q.Length; step++)
                {
                    int sum = Enumerable.Range(0, channels).Count(c => q[step][query, c] && k[step][key, c]);
                    Lanes1 h = neuron.Charge(potential, Lanes1.Splat(sum)), s = neuron.Fire(h);
                    potential = neuron.After(h, s);
                    map[step][query, key] = Lanes1.Sum(s) != 0f;
                }
            }
        }

        return map;
    }

    private static bool[][,] Spikes(string name, int steps, int rows, int columns, double density)
    {
        SeededRandom random = new(4, $"{name} {rows} {columns} {density}");
        bool[][,] spikes = [.. Enumerable.Range(0, steps).Select(_ => new bool[rows, columns])];
        foreach (bool[,] step in spikes)
        {
            for (int i = 0; i < step.Length; i++)
                step[i / columns, i % columns] = random.NextFloat() < density;
        }

        return spikes;
    }

    private static ulong[] Rows(bool[][,] spikes, int words) => Pack(spikes, words, (s, row, bit) => s[row, bit], 0);

    private static ulong[] Columns(bool[][,] spikes, int words) => Pack(spikes, words, (s, row, bit) => s[bit, row], 1);

    private static ulong[] Pack(bool[][,] spikes, int words, Func<bool[,], int, int, bool> at, int rowAxis)
    {
        int rows = spikes[0].GetLength(rowAxis), bits = spikes[0].GetLength(1 - rowAxis);
        ulong[] packed = new ulong[spikes.Length * rows * words];
        for (int i = 0; i < spikes.Length * rows * bits; i++)
        {
            int step = i / (rows * bits), row = i / bits % rows, bit = i % bits;
            packed[(step * rows + row) * words + bit / 64] |= (at(spikes[step], row, bit) ? 1UL : 0UL) << bit;
        }

        return packed;
    }

    private static bool Bit(ulong[] words, int first, int bit) => (words[first + bit / 64] >> bit & 1) != 0;
}
