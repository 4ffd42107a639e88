namespace SpikeEngine;

/// <summary>
/// Threads that wait for numbered pieces of work. Waiting spins for a few microseconds first, since the kernels of
/// one step follow each other closely, and sleeps after that.
/// </summary>
internal sealed class WorkerPool
{
    private const int SpinsBeforeSleep = 2_000;

    private readonly object _gate = new();
    private Job? _job;
    private int _generation;
    private int _sleeping;
    private volatile bool _stopped;

    /// <summary>Starts <paramref name="workers"/> background threads; the caller of <see cref="Run"/> is one more.</summary>
    internal WorkerPool(int workers)
    {
        for (int i = 0; i < workers; i++)
            new Thread(Work) { IsBackground = true, Name = $"SpikeEngine worker {i + 1}" }.Start();
    }

    /// <summary>Whether a worker would have to be woken, which costs more than a small job.</summary>
    internal bool IsAsleep => Volatile.Read(ref _sleeping) > 0;

    /// <summary>Runs every piece of the job and returns when all are done.</summary>
    internal void Run(Job job, int pieces)
    {
        job.Open(pieces);
        Volatile.Write(ref _job, job);
        Interlocked.Increment(ref _generation);
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_gate)
                Monitor.PulseAll(_gate);
        }

        job.Drain();

        // A worker that slept through the job must not hold it up: only those that entered are waited for.
        Volatile.Write(ref _job, null);
        job.Wait();
    }

    /// <summary>Lets the threads end.</summary>
    internal void Stop()
    {
        _stopped = true;
        Interlocked.Increment(ref _generation);
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Work()
    {
        int seen = 0;
        while (true)
        {
            seen = WaitForChange(seen);
            if (_stopped)
                return;
            Job? job = Volatile.Read(ref _job);
            if (job is not null && job.Enter())
            {
                job.Drain();
                job.Leave();
            }
        }
    }

    private int WaitForChange(int seen)
    {
        for (int spins = 0; spins < SpinsBeforeSleep; spins++)
        {
            int generation = Volatile.Read(ref _generation);
            if (generation != seen)
                return generation;
            Thread.SpinWait(20);
        }

        lock (_gate)
        {
            Interlocked.Increment(ref _sleeping);
            while (Volatile.Read(ref _generation) == seen)
                Monitor.Wait(_gate);
            Interlocked.Decrement(ref _sleeping);
            return Volatile.Read(ref _generation);
        }
    }

    /// <summary>Numbered pieces of work that several threads take in turn. A job can be used again once it is over.</summary>
    internal abstract class Job
    {
        private const int Closed = int.MinValue / 2;

        private int _pieces;
        private int _next;
        private int _inside = Closed;
        private Exception? _failure;

        /// <summary>Lets workers in. One that still holds the job from an earlier use is welcome from here on, not before.</summary>
        internal void Open(int pieces)
        {
            _pieces = pieces;
            _next = -1;
            _failure = null;
            Interlocked.Add(ref _inside, -Closed);
        }

        /// <summary>Does one piece.</summary>
        protected abstract void RunPiece(int piece);

        /// <summary>Announces a worker; false once the job is finished.</summary>
        internal bool Enter()
        {
            if (Interlocked.Increment(ref _inside) > 0)
                return true;
            Interlocked.Decrement(ref _inside);
            return false;
        }

        internal void Leave() => Interlocked.Decrement(ref _inside);

        internal void Drain()
        {
            while (true)
            {
                int piece = Interlocked.Increment(ref _next);
                if (piece >= _pieces)
                    return;
                try
                {
                    RunPiece(piece);
                }
                catch (Exception exception)
                {
                    // Whatever it is, it belongs to the thread that asked: keep the first and give up the rest.
                    Interlocked.CompareExchange(ref _failure, exception, null);
                    Volatile.Write(ref _next, _pieces);
                }
            }
        }

        /// <summary>Waits for the workers inside, shuts the others out, and rethrows what a piece threw.</summary>
        internal void Wait()
        {
            SpinWait spin = default;
            while (Interlocked.CompareExchange(ref _inside, Closed, 0) != 0)
                spin.SpinOnce(sleep1Threshold: -1);
            if (_failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }
}
