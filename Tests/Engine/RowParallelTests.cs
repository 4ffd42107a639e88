namespace SpikeEngine.Tests.Engine;

[Collection(Lanes.Name)]
public class RowParallelTests
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [InlineData(17, 5)]
    [InlineData(1_000, 1)]
    public void EveryRowIsVisitedOnce(int rows, int grain)
    {
        foreach (int threads in new[] { 1, 2, 5 })
        {
            int[] visits = Lanes.WithThreads(threads, () => Visit(rows, grain));
            Assert.All(visits, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void PiecesDoNotDependOnThreads()
    {
        int[] Starts() => [.. RecordStarts(103, 10).Order()];
        Assert.Equal(Lanes.WithThreads(1, Starts), Lanes.WithThreads(3, Starts));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnExceptionComesToTheCallerAndTheNextLoopWorks(int threads) => Lanes.WithThreads(threads, () =>
    {
        for (int round = 0; round < 50; round++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => RowParallel.For(
                100, 1, round, static (round, start, _) => ThrowAt(start, round)));
            Assert.Equal($"row {round}", error.Message);
            Assert.All(Visit(100, 1), count => Assert.Equal(1, count));
        }
    });

    [Fact]
    public void LoopsNest() => Lanes.WithThreads(3, () =>
    {
        int[] visits = new int[20 * 30];
        RowParallel.For(20, 1, visits, static (visits, outer, _) => RowParallel.For(
            30, 4, (visits, outer), static (s, start, end) =>
            {
                for (int i = start; i < end; i++)
                    Interlocked.Increment(ref s.visits[s.outer * 30 + i]);
            }));
        Assert.All(visits, count => Assert.Equal(1, count));
    });

    [Fact]
    public void ManyThreadsMayCallAtOnceAndTheNumberOfThreadsMayChange() => Lanes.WithThreads(2, () =>
    {
        using CancellationTokenSource stop = new();
        Thread[] callers = [.. Enumerable.Range(0, 6).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < 300; round++)
            {
                if (Visit(64, 4).Any(count => count != 1))
                    stop.Cancel();
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        for (int threads = 1; callers.Any(caller => caller.IsAlive); threads = threads % 4 + 1)
        {
            RowParallel.Threads = threads;
            Thread.Sleep(1);
        }

        foreach (Thread caller in callers)
            caller.Join();
        Assert.False(stop.IsCancellationRequested);
    });

    [Fact]
    public void ThousandsOfTinyLoopsLoseNothing() => Lanes.WithThreads(3, () =>
    {
        long[] sum = [0];
        for (int round = 0; round < 20_000; round++)
            RowParallel.For(4, 1, sum, static (sum, start, _) => Interlocked.Add(ref sum[0], start));
        Assert.Equal(20_000 * 6, sum[0]);
    });

    [Fact]
    public void LoopsThatFindTheThreadsAsleepWakeThem() => Lanes.WithThreads(3, () =>
    {
        for (int round = 0; round < 20; round++)
        {
            Thread.Sleep(5);
            Assert.All(Visit(50, 1), count => Assert.Equal(1, count));
        }
    });

    /// <summary>Small work is not slower with more threads, because none is woken for it.</summary>
    [Fact]
    public void AFewLightPiecesWakeNobody() => Lanes.WithThreads(8, () =>
    {
        // Threads that have just been started, or still spin, do take part: the pool has to be there, and to have gone to sleep.
        Workers(3, heavy: true);
        for (int round = 0; round < 10; round++)
        {
            // On a busy machine that may take longer.
            bool alone = false;
            for (int wait = 50; wait < 2_000 && !alone; wait *= 2)
            {
                Thread.Sleep(wait);
                alone = Workers(3, heavy: false).All(worker => worker == Environment.CurrentManagedThreadId);
            }

            Assert.True(alone);
        }

        // The same number of heavy pieces is worth it.
        Assert.Contains(Enumerable.Range(0, 20).SelectMany(_ => Workers(3, heavy: true)), worker => worker != Environment.CurrentManagedThreadId);

        static int[] Workers(int pieces, bool heavy)
        {
            int[] workers = new int[pieces];
            RowParallel.For(pieces, 1, (workers, heavy), static (s, start, _) =>
            {
                s.workers[start] = Environment.CurrentManagedThreadId;
                if (s.heavy)
                    Thread.Sleep(1);
            }, heavy);
            return workers;
        }
    });

    [Fact]
    public void PartialSumsAreAddedInOrder()
    {
        float[] Sum()
        {
            float[] sum = [1f];
            RowParallel.ForWithSum(1_000, 7, sum, 0, static (_, start, end, partial) =>
            {
                for (int i = start; i < end; i++)
                    partial[0] += 1f / (i + 1);
            });
            return sum;
        }

        Assert.Equal(Lanes.WithThreads(1, Sum), Lanes.WithThreads(3, Sum));
        Assert.Equal(1 + Enumerable.Range(1, 1_000).Sum(i => 1.0 / i), Sum()[0], 1e-4);
    }

    [Fact]
    public void ZeroThreadsAreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => RowParallel.Threads = 0);

    private static int[] Visit(int rows, int grain)
    {
        int[] visits = new int[rows];
        RowParallel.For(rows, grain, visits, static (visits, start, end) =>
        {
            for (int i = start; i < end; i++)
                Interlocked.Increment(ref visits[i]);
        });
        return visits;
    }

    private static int[] RecordStarts(int rows, int grain)
    {
        List<int> starts = [];
        RowParallel.For(rows, grain, starts, static (starts, start, _) =>
        {
            lock (starts)
                starts.Add(start);
        });
        return [.. starts];
    }

    private static void ThrowAt(int row, int wanted)
    {
        if (row == wanted)
            throw new InvalidOperationException($"row {row}");
    }
}
