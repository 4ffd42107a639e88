using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>Conversions of stored weights against one number at a time: every pattern of 16 bits, every tie between neighbours.</summary>
[Collection(Lanes.Name)]
public class StorageConversionTests
{
    private static readonly ushort[] s_patterns = [.. Enumerable.Range(0, 65_536).Select(i => (ushort)i)];

    [Fact]
    public void EveryBFloat16IsDecodedExactly() => Lanes.AtEveryWidth(() =>
    {
        float[] y = new float[s_patterns.Length];
        Simd.Run(new BFloat16Decode { X = s_patterns, Y = y });
        for (int i = 0; i < y.Length; i++)
            Assert.Equal((uint)i << 16, BitConverter.SingleToUInt32Bits(y[i]));
    });

    [Fact]
    public void EveryBFloat16ComesBackAndNaNsBecomeQuiet() => Lanes.AtEveryWidth(() =>
    {
        ushort[] y = Encode(Array.ConvertAll(s_patterns, BFloat16Bits.ToSingle));
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(float.IsNaN(BFloat16Bits.ToSingle((ushort)i)) ? i | 0x40 : i, y[i]);
    });

    [Fact]
    public void WhatLiesBetweenBFloat16sGoesToTheNearestOrTheEvenOne() => Lanes.AtEveryWidth(() =>
    {
        foreach (int offset in new[] { 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF })
        {
            float[] x = Array.ConvertAll(s_patterns, p => BitConverter.UInt32BitsToSingle(((uint)p << 16) + (uint)offset));
            ushort[] y = Encode(x);
            for (int i = 0; i < y.Length; i++)
            {
                if (!float.IsNaN(x[i]))
                    Assert.Equal(Nearest((ushort)i, offset), y[i]);
                else
                    Assert.True(float.IsNaN(BFloat16Bits.ToSingle(y[i])), $"{i:X4} with {offset:X4} is not a NaN any more");
            }
        }
    });

    [Fact]
    public void ManyFloatsAreEncodedAsOneByOne() => Lanes.AtEveryWidth(() =>
    {
        SeededRandom random = new(1, "bits");
        float[] x = [.. Enumerable.Range(0, 100_003).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextUInt64()))];
        Assert.Equal(Array.ConvertAll(x, BFloat16Bits.FromSingle), Encode(x));
    });

    [Fact]
    public void EveryHalfIsDecodedAsTheRuntimeDoes()
    {
        Half[] x = Array.ConvertAll(s_patterns, BitConverter.UInt16BitsToHalf);
        float[] y = new float[x.Length];
        Float16.Decode(x, y);
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(BitConverter.SingleToUInt32Bits((float)x[i]), BitConverter.SingleToUInt32Bits(y[i]));
    }

    [Fact]
    public void WhatLiesBetweenHalvesIsEncodedAsTheRuntimeDoes()
    {
        foreach (int offset in new[] { 0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF })
        {
            float[] x = Array.ConvertAll(s_patterns, p => BitConverter.UInt32BitsToSingle(
                BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf(p)) + (uint)offset));
            Half[] y = new Half[x.Length];
            Float16.Encode(x, y);
            for (int i = 0; i < y.Length; i++)
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)x[i]), BitConverter.HalfToUInt16Bits(y[i]));
        }
    }

    [Fact]
    public void BytesAreTheRoundedQuotients() => Lanes.AtEveryWidth(() =>
    {
        foreach (int length in new[] { 0, 1, 3, 4, 15, 16, 17, 100 })
        {
            float[] x = FiniteDifferences.Normal($"x {length}", false, length).ToArray();
            (sbyte[] codes, float scale) = EncodeInt8(x);
            Assert.Equal(x.Length == 0 ? 0f : x.Max(MathF.Abs) / 127f, scale);
            Assert.Equal(Array.ConvertAll(x, v => (sbyte)MathF.Round(v / scale)), codes);
            float[] y = new float[length];
            Simd.Run(new Int8Decode { X = codes, Scale = scale, Y = y });
            Assert.Equal(Array.ConvertAll(codes, c => c * scale), y);
        }
    });

    [Fact]
    public void TiesGoToTheEvenCode() => Lanes.AtEveryWidth(() =>
    {
        // Scale 2: the odd numbers are ties.
        float[] x = [254f, -254f, .. Enumerable.Range(-127, 255).Select(i => 2f * i + 1f).Where(v => MathF.Abs(v) < 254f)];
        (sbyte[] codes, float scale) = EncodeInt8(x);
        Assert.Equal(2f, scale);
        Assert.Equal(Array.ConvertAll(x, v => (sbyte)Math.Round(v / 2.0, MidpointRounding.ToEven)), codes);
    });

    [Fact]
    public void ZerosAndTinyRowsStayWithinTheCodes() => Lanes.AtEveryWidth(() =>
    {
        Assert.Equal(new sbyte[17], EncodeInt8(new float[17]).Codes);
        Assert.Equal(new sbyte[17], EncodeInt8([.. Enumerable.Repeat(float.Epsilon, 17)]).Codes);
        (sbyte[] codes, float scale) = EncodeInt8([.. Enumerable.Repeat(-190 * float.Epsilon, 17)]);
        Assert.Equal(float.Epsilon, scale);
        Assert.All(codes, code => Assert.Equal(-127, code));
    });

    [Fact]
    public void EveryByteIsDecoded() => Lanes.AtEveryWidth(() =>
    {
        sbyte[] x = [.. Enumerable.Range(-128, 256).Select(i => (sbyte)i)];
        float[] y = new float[256];
        Simd.Run(new Int8Decode { X = x, Scale = 0.5f, Y = y });
        Assert.Equal(Array.ConvertAll(x, v => v * 0.5f), y);
    });

    private static ushort[] Encode(float[] x)
    {
        ushort[] y = new ushort[x.Length];
        Simd.Run(new BFloat16Encode { X = x, Y = y });
        return y;
    }

    private static (sbyte[] Codes, float Scale) EncodeInt8(float[] x)
    {
        sbyte[] codes = new sbyte[x.Length];
        float[] scale = new float[1];
        Simd.Run(new Int8Encode { X = x, Y = codes, Scale = scale });
        return (codes, scale[0]);
    }

    /// <summary>The neighbour of a pattern that is nearest to what lies offset / 65,536 of the way to the next one.</summary>
    private static ushort Nearest(ushort below, int offset) =>
        (ushort)(offset > 0x8000 || (offset == 0x8000 && (below & 1) == 1) ? below + 1 : below);
}
