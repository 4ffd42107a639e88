using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>A kernel: its properties are its arguments, <see cref="Run{L}"/> is its body at one register width.</summary>
public interface ISimdKernel
{
    /// <summary>Runs the kernel with registers of type <typeparamref name="L"/>.</summary>
    void Run<L>()
        where L : struct, ILanes<L>;

    /// <summary>
    /// Whether lanes meet, in a sum or a maximum over a register. Then bits depend on the width, and <see cref="Simd.Exact"/>
    /// composes registers of 16 lanes; it refuses the meeting (<see cref="InvalidOperationException"/>) where this was forgotten.
    /// </summary>
    static virtual bool LanesMeet => false;
}

/// <summary>
/// The only place that asks what the processor can do. The environment variable SPIKEENGINE_LANES (16, 8, 4 or 1)
/// narrows the choice for bug hunts; wide lanes stay correct, only slower, on a narrow machine.
/// </summary>
public static class Simd
{
    /// <summary>Name of the environment variable that overrides the register width.</summary>
    public const string LanesVariable = "SPIKEENGINE_LANES";

    /// <summary>Name of the environment variable that switches <see cref="Exact"/> on when it is 1.</summary>
    public const string ExactVariable = "SPIKEENGINE_EXACT";

    /// <summary>Lanes that meet in <see cref="Exact"/> mode at any width.</summary>
    internal const int ExactLanes = 16;

    /// <summary>Floats per register in use: 16 (512 bits), 8, 4 or 1 (scalar).</summary>
    public static int Lanes { get; internal set; } = FromEnvironment() ?? Widest;

    /// <summary>Widest register that is worth using here. The runtime caps it on processors that throttle at 512 bits.</summary>
    public static int Widest =>
        Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>
    /// Whether results have the same bits at every register width and on every instruction set (a NaN is a NaN, whatever its
    /// payload): no multiplication is fused with an addition, and where lanes meet they are sixteen, summed by one tree.
    /// Costs 1.5 times the time in the median of all operations, ten times and more where formulas are long. Starts as
    /// SPIKEENGINE_EXACT says; takes effect with the next operation, so do not switch in the middle of a step.
    /// </summary>
    public static bool Exact { get; set; } = ExactFromEnvironment();

    /// <summary>Runs <paramref name="kernel"/> at the width in use.</summary>
    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, ISimdKernel, allows ref struct
    {
        if (Exact)
        {
            RunExact(kernel);
            return;
        }

        switch (Lanes)
        {
            case 16: kernel.Run<Lanes16>(); break;
            case 8: kernel.Run<Lanes8>(); break;
            case 4: kernel.Run<Lanes4>(); break;
            default: kernel.Run<Lanes1>(); break;
        }
    }

    /// <summary>Whole numbers of 16 bits per register in use.</summary>
    public static int IntegerLanes => Math.Max(Integers8.Count, 2 * Lanes);

    /// <summary>Runs a kernel on whole numbers at the width in use. Its results are the same at every width.</summary>
    public static void RunInteger<TKernel>(TKernel kernel)
        where TKernel : struct, IIntegerKernel, allows ref struct
    {
        switch (Lanes)
        {
            case 16: kernel.Run<Integers32>(); break;
            case 8: kernel.Run<Integers16>(); break;
            default: kernel.Run<Integers8>(); break;
        }
    }

    /// <summary>Runs a kernel on bits at the width in use. Its results are the same at every width.</summary>
    public static void RunBits<TKernel>(TKernel kernel)
        where TKernel : struct, IBitKernel, allows ref struct
    {
        switch (Lanes)
        {
            case 16: kernel.Run<Bits512>(); break;
            case 8: kernel.Run<Bits256>(); break;
            case 4: kernel.Run<Bits128>(); break;
            default: kernel.Run<Bits64>(); break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]   // its copies of a kernel are nothing to a process that never asks
    private static void RunExact<TKernel>(TKernel kernel)
        where TKernel : struct, ISimdKernel, allows ref struct
    {
        switch (Lanes, TKernel.LanesMeet)
        {
            case (16, _): kernel.Run<Unfused<Lanes16>>(); break;
            case (8, true): kernel.Run<Pair<Unfused<Lanes8>>>(); break;
            case (4, true): kernel.Run<Pair<Pair<Unfused<Lanes4>>>>(); break;
            case (_, true): kernel.Run<Pair<Pair<Pair<Pair<Unfused<Lanes1>>>>>>(); break;
            case (8, false): kernel.Run<Unfused<Lanes8>>(); break;
            case (4, false): kernel.Run<Unfused<Lanes4>>(); break;
            case (_, false): kernel.Run<Unfused<Lanes1>>(); break;
        }
    }

    private static bool ExactFromEnvironment() => Environment.GetEnvironmentVariable(ExactVariable) switch
    {
        null or "" or "0" => false,
        "1" => true,
        string other => throw new InvalidOperationException($"{ExactVariable} is \"{other}\"; it must be 0 or 1."),
    };

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
