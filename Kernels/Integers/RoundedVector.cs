using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Vectors rounded to 16 bits, block by block with a scale of its own, for products with bytes: x = code * scale within scale / 2, which is
/// 1/65,534 of the largest magnitude of the block. Memory is used again.
/// </summary>
public sealed class RoundedVector
{
    /// <summary>Elements of a block: as many products with a byte as a sum of 32 bits holds, 512 · 127 · 32,767 being less than 2^31.</summary>
    public const int Block = 512;

    private short[] _codes = [];
    private float[] _scales = [];

    /// <summary>[rows, n]</summary>
    public ReadOnlySpan<short> Codes => _codes;

    /// <summary>[rows, blocks]</summary>
    public ReadOnlySpan<float> Scales => _scales;

    /// <summary>Blocks of a row.</summary>
    public static int Blocks(int n) => (n + Block - 1) / Block;

    /// <summary>Rounds rows: to the nearest, ties to even. A block that is not finite throughout makes its products NaN.</summary>
    /// <param name="x">[rows, n]</param>
    /// <param name="n">Length of a row.</param>
    public void Round(ReadOnlySpan<float> x, int n)
    {
        int blocks = Blocks(n), rows = x.Length / n;
        if (_codes.Length < x.Length)
            _codes = new short[x.Length];
        if (_scales.Length < rows * blocks)
            _scales = new float[rows * blocks];
        for (int row = 0; row < rows; row++)
        {
            for (int block = 0; block < blocks; block++)
            {
                int start = row * n + block * Block, length = Math.Min(Block, n - block * Block);
                _scales[row * blocks + block] = Round(x.Slice(start, length), _codes.AsSpan(start, length));
            }
        }
    }

    private static float Round(ReadOnlySpan<float> x, Span<short> codes)
    {
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(x)), scale = largest / short.MaxValue;
        if (!(scale > 0f && float.IsFinite(scale)))
        {
            // All zeros, so small that there is no scale, or broken: zeros times 0, or times NaN.
            codes.Clear();
            return largest < 1f ? 0f : float.NaN;
        }

        // A scale that is subnormal may be rounded far down: then codes would leave 16 bits.
        int at = 0;
        ref float from = ref MemoryMarshal.GetReference(x);
        var divisor = Vector256.Create(scale);
        for (; at <= x.Length - Vector256<short>.Count; at += Vector256<short>.Count)
        {
            Vector256<float> low = Vector256.LoadUnsafe(ref from, (nuint)at), high = Vector256.LoadUnsafe(ref from, (nuint)at + 8);
            Vector256.Narrow(Whole(low / divisor), Whole(high / divisor)).CopyTo(codes[at..]);
        }

        for (; at < x.Length; at++)
            codes[at] = (short)Math.Clamp(MathF.Round(x[at] / scale), -short.MaxValue, short.MaxValue);
        return scale;

        static Vector256<int> Whole(Vector256<float> value) => Vector256.ConvertToInt32(
            Vector256.Max(Vector256.Create(-(float)short.MaxValue), Vector256.Min(Vector256.Create((float)short.MaxValue), Vector256.Round(value))));
    }
}
