using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>Turns stored little-endian values into the two types the engine works with.</summary>
internal static class ValueConversion
{
    /// <summary>F64 rounds to the nearest single and overflows to infinity; the others are exact.</summary>
    public static void ToFloats(TensorDType dtype, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (dtype)
        {
            case TensorDType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case TensorDType.F64:
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(8 * i)..]);
                break;
            case TensorDType.F16:
                Float16.Decode(MemoryMarshal.Cast<byte, Half>(source)[..destination.Length], destination);
                break;
            case TensorDType.BF16:
                Simd.Run(new BFloat16Decode { X = MemoryMarshal.Cast<byte, ushort>(source)[..destination.Length], Y = destination });
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not a floating-point type");
        }
    }

    /// <summary>A U64 beyond the range of <see cref="long"/> throws <see cref="OverflowException"/>.</summary>
    public static void ToInt64s(TensorDType dtype, ReadOnlySpan<byte> source, Span<long> destination)
    {
        int size = dtype.Size();
        for (int i = 0; i < destination.Length; i++)
            destination[i] = ToInt64(dtype, source[(i * size)..]);
    }

    private static long ToInt64(TensorDType dtype, ReadOnlySpan<byte> source) => dtype switch
    {
        TensorDType.I64 => BinaryPrimitives.ReadInt64LittleEndian(source),
        TensorDType.I32 => BinaryPrimitives.ReadInt32LittleEndian(source),
        TensorDType.I16 => BinaryPrimitives.ReadInt16LittleEndian(source),
        TensorDType.I8 => (sbyte)source[0],
        TensorDType.U64 => checked((long)BinaryPrimitives.ReadUInt64LittleEndian(source)),
        TensorDType.U32 => BinaryPrimitives.ReadUInt32LittleEndian(source),
        TensorDType.U16 => BinaryPrimitives.ReadUInt16LittleEndian(source),
        TensorDType.U8 => source[0],
        TensorDType.Bool => source[0] == 0 ? 0 : 1,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not an integer type"),
    };
}
