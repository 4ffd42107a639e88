using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
public class StochasticBFloat16Tests
{
    [Fact]
    public void EveryBFloat16StaysWhateverTheRandomBits()
    {
        for (int code = 0; code <= ushort.MaxValue; code++)
        {
            float value = BFloat16Bits.ToSingle((ushort)code);
            int expected = float.IsNaN(value) ? code | 0x40 : code;
            Assert.Equal(expected, StochasticBFloat16.Encode(value, 0));
            Assert.Equal(expected, StochasticBFloat16.Encode(value, ushort.MaxValue));
        }
    }

    [Theory]
    [InlineData(1.001f)]
    [InlineData(-0.3333f)]
    [InlineData(1e-40f)]
    [InlineData(2.9e38f)]
    public void TheMeanOverAllRandomBitsIsTheNumber(float value)
    {
        double sum = 0;
        for (int random = 0; random <= ushort.MaxValue; random++)
            sum += BFloat16Bits.ToSingle(StochasticBFloat16.Encode(value, (ushort)random));
        Assert.Equal(value, sum / 65_536, Math.Abs(value) * 1e-12);
    }

    [Theory]
    [InlineData(0, 100_003)]
    [InlineData(4, 7)]
    [InlineData(1_000, 1)]
    public void ManyAreRoundedWithTheBitsOfTheirNumber(int first, int count)
    {
        RandomKey key = new(77);
        SeededRandom random = new(1, "bits");
        float[] x = [.. Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextUInt64()))];
        ushort[] expected = [.. x.Select((v, i) => StochasticBFloat16.Encode(v, Bits(first + i)))];
        Lanes.AtEveryWidth(Check);
        Lanes.ExactAtEveryWidth(Check);

        void Check()
        {
            ushort[] y = new ushort[count];
            Simd.Run(new StochasticBFloat16Encode { X = x, Noise = key, First = first, Y = y });
            Assert.Equal(expected, y);
        }

        ushort Bits(int number) => (ushort)(key.At((ulong)number / 4) >> (16 * (number % 4)));
    }
}
