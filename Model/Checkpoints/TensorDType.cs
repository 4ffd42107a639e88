namespace SpikeEngine.Model.Checkpoints;

/// <summary>How a file of weights stores one value, spelt as safetensors does.</summary>
public enum TensorDType
{
    /// <summary>IEEE double precision, 8 bytes.</summary>
    F64,

    /// <summary>IEEE single precision, 4 bytes.</summary>
    F32,

    /// <summary>IEEE half precision, 2 bytes.</summary>
    F16,

    /// <summary>The upper 2 bytes of a single.</summary>
    BF16,

    /// <summary>Signed, 8 bytes.</summary>
    I64,

    /// <summary>Signed, 4 bytes.</summary>
    I32,

    /// <summary>Signed, 2 bytes.</summary>
    I16,

    /// <summary>Signed, 1 byte.</summary>
    I8,

    /// <summary>Unsigned, 8 bytes.</summary>
    U64,

    /// <summary>Unsigned, 4 bytes.</summary>
    U32,

    /// <summary>Unsigned, 2 bytes.</summary>
    U16,

    /// <summary>Unsigned, 1 byte.</summary>
    U8,

    /// <summary>1 byte: 0 is false, anything else true.</summary>
    Bool,
}

internal static class TensorDTypes
{
    /// <summary>What follows the name of a weight in bytes in the name of its scales, one for each row: <c>in_proj.weight_scale</c>.</summary>
    public const string ScaleSuffix = "_scale";

    /// <summary>The type of a stored weight in a file.</summary>
    public static TensorDType ToDType(this StorageType type) => type switch
    {
        StorageType.Float32 => TensorDType.F32,
        StorageType.BFloat16 => TensorDType.BF16,
        StorageType.Float16 => TensorDType.F16,
        _ => TensorDType.I8,
    };

    /// <summary>The names are upper case; any other spelling is another, unknown type.</summary>
    public static bool TryParse(string name, out TensorDType dtype)
    {
        (bool known, dtype) = name switch
        {
            "F64" => (true, TensorDType.F64),
            "F32" => (true, TensorDType.F32),
            "F16" => (true, TensorDType.F16),
            "BF16" => (true, TensorDType.BF16),
            "I64" => (true, TensorDType.I64),
            "I32" => (true, TensorDType.I32),
            "I16" => (true, TensorDType.I16),
            "I8" => (true, TensorDType.I8),
            "U64" => (true, TensorDType.U64),
            "U32" => (true, TensorDType.U32),
            "U16" => (true, TensorDType.U16),
            "U8" => (true, TensorDType.U8),
            "BOOL" => (true, TensorDType.Bool),
            _ => (false, default),
        };
        return known;
    }

    public static int Size(this TensorDType dtype) => dtype switch
    {
        TensorDType.F64 or TensorDType.I64 or TensorDType.U64 => 8,
        TensorDType.F32 or TensorDType.I32 or TensorDType.U32 => 4,
        TensorDType.F16 or TensorDType.BF16 or TensorDType.I16 or TensorDType.U16 => 2,
        _ => 1,
    };

    public static bool IsFloat(this TensorDType dtype) =>
        dtype is TensorDType.F64 or TensorDType.F32 or TensorDType.F16 or TensorDType.BF16;
}
