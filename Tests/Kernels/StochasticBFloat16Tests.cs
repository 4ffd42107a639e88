using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

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
    [InlineData(0, 1_001)]
    [InlineData(4, 7)]
    [InlineData(1_000, 1)]
    public void ManyAreRoundedWithTheBitsOfTheirNumber(int first, int count)
    {
        RandomKey key = new(77);
        SeededRandom random = new(1, "x");
        float[] x = [.. Enumerable.Range(0, count).Select(_ => random.NextNormal())];
        ushort[] y = new ushort[count];
        StochasticBFloat16.Encode(x, key, first, y);
        for (int i = 0; i < count; i++)
        {
            int number = first + i;
            Assert.Equal(StochasticBFloat16.Encode(x[i], (ushort)(key.At((ulong)number / 4) >> (16 * (number % 4)))), y[i]);
        }
    }
}
