using System.Diagnostics;

namespace SpikeEngine.Peers;

/// <summary>Our products and the peers', in turns on the same numbers.</summary>
internal static unsafe class Contest
{
    private const long RoundFlops = 100_000_000;   // a round repeats small products

    // A pool of threads spins for a while after its work; it must have gone to sleep before somebody else's turn.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(60);

    /// <summary>Times one shape.</summary>
    /// <exception cref="InvalidOperationException">Two results differ.</exception>
    public static ContestRow Run(int m, int k, int n, int threads, int rounds)
    {
        RowParallel.Threads = threads;
        OpenBlas.SetThreads(threads);
        OneDnn.SetThreads(threads);
        Tensor x = Tensor.RandomNormal(new SeededRandom(1, "x"), m, k), weight = Tensor.RandomNormal(new SeededRandom(1, "weight"), n, k);
        float[] xs = Pinned(x), weights = Pinned(weight), byBlas = Pinned(new Tensor(m, n)), byDnn = Pinned(new Tensor(m, n)), ours = new float[m * n];
        Workspace workspace = new();
        bool keep = true;   // for the comparison only

        // Pinned arrays do not move, so their addresses hold.
        fixed (float* px = xs, pw = weights, pBlas = byBlas, pDnn = byDnn)
        {
            OneDnn dnn = new(m, k, n, px, pw, pDnn);
            nint a = (nint)px, b = (nint)pw, c = (nint)pBlas;
            Action onTheFly = () => Product(() => Ops.Linear(x, weight));
            Action ahead = Ahead();
            Action blas = () => OpenBlas.Linear(m, k, n, (float*)a, (float*)b, (float*)c);
            foreach ((Action run, float[] result, string name) in new[] { (blas, byBlas, "OpenBLAS"), (dnn.Run, byDnn, "oneDNN") })
            {
                run();
                foreach (Action own in new[] { onTheFly, ahead })
                {
                    own();
                    RequireClose(ours, result, k, name);
                }
            }

            keep = false;
            int repeats = (int)Math.Max(1, RoundFlops / (2L * m * k * n));
            Action[] contestants = [onTheFly, ahead, blas, dnn.Run];
            double[][] seconds = [.. contestants.Select(_ => new double[rounds])];
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < contestants.Length; i++)
                {
                    Thread.Sleep(s_pause);
                    contestants[i]();   // wakes threads, and finds its own data
                    long start = Stopwatch.GetTimestamp();
                    for (int repeat = 0; repeat < repeats; repeat++)
                        contestants[i]();
                    seconds[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
                }
            }

            return new ContestRow(
                m, k, n, threads, Spread.Of(seconds[0], 1e3), Spread.Of(seconds[1], 1e3), Spread.Of(seconds[2], 1e3), Spread.Of(seconds[3], 1e3),
                Spread.OfRatios(seconds[2], seconds[0]), Spread.OfRatios(seconds[2], seconds[1]), Spread.OfRatios(seconds[3], seconds[1]));
        }

        void Product(Func<Tensor> product)
        {
            using Workspace.Scope scope = workspace.Open();
            Tensor y = product();
            if (keep)
                y.Values.CopyTo(ours);
        }

        // As the engine keeps a frozen weight: for one row by input, else in panels.
        Action Ahead()
        {
            if (m == 1)
            {
                var byInput = InputMajorWeight.From(weight);
                return () => byInput.Multiply(xs, ours);
            }

            var packed = PackedWeight.From(weight);
            return () => Product(() => Ops.Linear(x, packed));
        }
    }

    private static float[] Pinned(Tensor tensor)
    {
        float[] array = GC.AllocateArray<float>(tensor.Count, pinned: true);
        tensor.Values.CopyTo(array);
        return array;
    }

    private static void RequireClose(float[] ours, float[] theirs, int k, string name)
    {
        double tolerance = 1e-5 * Math.Sqrt(k) + 1e-4;
        for (int i = 0; i < ours.Length; i++)
        {
            if (!(Math.Abs(ours[i] - theirs[i]) <= tolerance * Math.Max(1, Math.Abs(theirs[i]))))
                throw new InvalidOperationException($"Element {i} is {ours[i]} here and {theirs[i]} by {name}: they must be alike.");
        }
    }
}
