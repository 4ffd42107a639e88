using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Reference;

/// <summary>Tests that change the register width or the number of threads, which the whole process shares: never beside others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Lanes
{
    public const string Name = "lanes";

    private static readonly int[] s_widths = [16, 8, 4, 1];

    /// <summary>Runs a test with registers of 16, 8, 4 and 1 floats. Wide ones are correct, only slower, on a narrow machine.</summary>
    public static void AtEveryWidth(Action test)
    {
        int before = Simd.Lanes;
        try
        {
            foreach (int width in s_widths)
            {
                Simd.Lanes = width;
                test();
            }
        }
        finally
        {
            Simd.Lanes = before;
        }
    }

    /// <summary>Runs a test in exact mode, at every width.</summary>
    public static void ExactAtEveryWidth(Action test)
    {
        bool before = Simd.Exact;
        try
        {
            Simd.Exact = true;
            AtEveryWidth(test);
        }
        finally
        {
            Simd.Exact = before;
        }
    }

    /// <summary>Runs a test while the engine uses that many threads.</summary>
    public static void WithThreads(int threads, Action test) => WithThreads(threads, () =>
    {
        test();
        return true;
    });

    /// <summary>What a function returns when the engine uses that many threads.</summary>
    public static T WithThreads<T>(int threads, Func<T> function)
    {
        int before = RowParallel.Threads;
        try
        {
            RowParallel.Threads = threads;
            return function();
        }
        finally
        {
            RowParallel.Threads = before;
        }
    }
}
