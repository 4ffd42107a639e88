using System.Globalization;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>A kernel: its properties are its arguments, <see cref="Run{L}"/> is its body at one register width.</summary>
public interface ISimdKernel
{
    /// <summary>Runs the kernel with registers of type <typeparamref name="L"/>.</summary>
    void Run<L>()
        where L : struct, ILanes<L>;
}

/// <summary>
/// The only place that asks what the processor can do. The environment variable SPIKEENGINE_LANES (16, 8, 4 or 1)
/// narrows the choice for bug hunts; wide lanes stay correct, only slower, on a narrow machine.
/// </summary>
public static class Simd
{
    /// <summary>Name of the environment variable that overrides the register width.</summary>
    public const string LanesVariable = "SPIKEENGINE_LANES";

    /// <summary>Floats per register in use: 16 (512 bits), 8, 4 or 1 (scalar).</summary>
    public static int Lanes { get; internal set; } = FromEnvironment() ?? Widest;

    /// <summary>Widest register that is worth using here. The runtime caps it on processors that throttle at 512 bits.</summary>
    public static int Widest =>
        Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>Runs <paramref name="kernel"/> at the width in use.</summary>
    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, ISimdKernel, allows ref struct
    {
        switch (Lanes)
        {
            case 16: kernel.Run<Lanes16>(); break;
            case 8: kernel.Run<Lanes8>(); break;
            case 4: kernel.Run<Lanes4>(); break;
            default: kernel.Run<Lanes1>(); break;
        }
    }

    private static int? FromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(LanesVariable);
        if (string.IsNullOrEmpty(text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int lanes) && lanes is 16 or 8 or 4 or 1
            ? lanes
            : throw new InvalidOperationException($"{LanesVariable} is \"{text}\"; it must be 16, 8, 4 or 1.");
    }
}
