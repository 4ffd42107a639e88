using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>Numbers of 64 places whose binary digits are words: n = Σ 2^d digit_d, place by place.</summary>
public readonly ref struct DigitsToFloats : ISimdKernel
{
    private const int ByteDigits = 8;

    /// <summary>[digits][<see cref="Stride"/>]: a word of each digit, the lowest first.</summary>
    public required ReadOnlySpan<ulong> Planes { get; init; }

    /// <summary>Words from one digit to the next.</summary>
    public required int Stride { get; init; }

    /// <summary>Number of digits, at most 16.</summary>
    public required int Digits { get; init; }

    /// <summary>[64], overwritten.</summary>
    public required Span<float> Numbers { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        if (Avx512BW.IsSupported && L.Count == Vector512<float>.Count)
        {
            InBytes();
            return;
        }

        for (int place = 0; place < BitRows.WordBits; place += L.Count)
        {
            L sum = L.Zero;
            float weight = 1f;
            for (int digit = 0; digit < Digits; digit++, weight += weight)
                sum += L.Select(L.MaskOf((uint)(Planes[digit * Stride] >> place)), L.Splat(weight), L.Zero);
            L.Store(sum, Numbers, place);
        }
    }

    /// <summary>All 64 places at once, a byte for each, which hold eight digits.</summary>
    private void InBytes()
    {
        // In each quarter of the register two of the word's bytes, eight times each; then of each byte its own bit.
        Vector512<byte> own = Vector512.Create(0x8040201008040201).AsByte(), pair = Vector512.Create(
            Vector256.Create(Repeat(0), Repeat(1), Repeat(2), Repeat(3)), Vector256.Create(Repeat(4), Repeat(5), Repeat(6), Repeat(7))).AsByte();
        Vector512<byte> low = Vector512<byte>.Zero, high = low;
        for (int digit = 0; digit < Digits; digit++)
        {
            Vector512<byte> bytes = Avx512BW.Shuffle(Vector512.Create(Planes[digit * Stride]).AsByte(), pair);
            Vector512<byte> weight = Vector512.Create((byte)(1 << digit % ByteDigits)) & Vector512.Equals(bytes & own, own);
            if (digit < ByteDigits)
                low |= weight;
            else
                high |= weight;
        }

        Store(low.GetLower().GetLower(), high.GetLower().GetLower(), 0);
        Store(low.GetLower().GetUpper(), high.GetLower().GetUpper(), 1);
        Store(low.GetUpper().GetLower(), high.GetUpper().GetLower(), 2);
        Store(low.GetUpper().GetUpper(), high.GetUpper().GetUpper(), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(Vector128<byte> low, Vector128<byte> high, int quarter)
    {
        Vector512<int> numbers = Avx512F.ConvertToVector512Int32(low) | (Avx512F.ConvertToVector512Int32(high) << ByteDigits);
        Vector512.ConvertToSingle(numbers).CopyTo(Numbers[(quarter * Vector512<float>.Count)..]);
    }

    private static ulong Repeat(ulong index) => index * 0x0101010101010101;
}
