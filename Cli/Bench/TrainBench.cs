using System.Diagnostics;
using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Cli.Bench;

/// <summary>Times whole training steps (forward, backward, clipping, AdamW) on random tokens.</summary>
/// <param name="config">Sizes of the dense model.</param>
/// <param name="batch">Sequences in a batch.</param>
/// <param name="length">Tokens in a sequence.</param>
/// <param name="checkpointBlocks">Whether blocks are run again in the backward pass.</param>
/// <param name="steps">Steps that count.</param>
/// <param name="cancellation">Stops between two steps.</param>
internal sealed class TrainBench(Mamba2Config config, int batch, int length, bool checkpointBlocks, int steps, CancellationToken cancellation)
{
    private const int WarmUpSteps = 3;
    private const float LearningRate = 1e-4f;

    /// <summary>Memory of a step of the dense model, once it has been measured.</summary>
    public TrainMemoryReport? Memory { get; private set; }

    /// <summary>Numbers in the model.</summary>
    public long Parameters { get; private set; }

    /// <summary>The dense model and, when asked for, its spiking students, each with every number of threads; all in turns.</summary>
    public IEnumerable<TrainBenchRow> Models(int[] threads, bool spiking)
    {
        List<Candidate> candidates = [Dense(batch, length)];
        if (spiking)
            candidates.AddRange([Student(candidates[0], "spiking", frozen: true), Student(candidates[0], "spiking_all", frozen: false)]);
        List<TrainBenchRow> rows = Measure(candidates, threads);
        foreach (TrainBenchRow row in rows)
        {
            TrainBenchRow dense = rows.First(other => other.Model == candidates[0].Name && other.Threads == row.Threads);
            TrainBenchRow alone = rows.First(other => other.Model == row.Model && other.Threads == threads[0]);
            yield return row with
            {
                TimeOfDense = row == dense ? null : row.Ms / dense.Ms,
                SpeedupOverOneThread = threads[0] == 1 && row.Threads > 1 ? alone.Ms / row.Ms : null,
            };
        }
    }

    /// <summary>The dense model with sequences of several lengths, as many tokens in each step as the longest has; all in turns.</summary>
    public IEnumerable<TrainBenchRow> Lengths(int threads, int[] lengths)
    {
        int tokens = lengths.Max();
        List<TrainBenchRow> rows = Measure([.. lengths.Select(each => Dense(tokens / each, each))], [threads]);
        return rows.Select(row => row with { TimeOfShortest = row.Ms * rows[0].Batch * rows[0].Length / (rows[0].Ms * row.Batch * row.Length) });
    }

    /// <summary>Where the time of some steps of the dense model goes.</summary>
    public string Profile(int threads)
    {
        RowParallel.Threads = threads;
        Candidate dense = Dense(batch, length);
        for (int i = 0; i < WarmUpSteps; i++)
            dense.Run();
        using Profiler profiler = Profiler.Start();
        for (int i = 0; i < steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            dense.Run();
        }

        profiler.Dispose();
        return profiler.ToString();
    }

    private List<TrainBenchRow> Measure(IReadOnlyList<Candidate> candidates, int[] threads)
    {
        long before = Environment.WorkingSet;
        double[] peaks = new double[threads.Length];
        List<Action> work = [];
        foreach (int count in threads)
        {
            work.AddRange(candidates.Select(candidate => (Action)(() => With(count, candidate.Run))));
            int index = Array.IndexOf(threads, count);
            work.Add(() => With(count, () => peaks[index] = MachinePeak.RunMulAdds()));
        }

        With(threads[^1], candidates[0].Run);
        Memory ??= candidates[0].Memory(before);
        Parameters = candidates[0].Model.Store.Count;
        Rounds[] rounds = Rounds.InTurns(steps, WarmUpSteps, cancellation, [.. work]);
        List<TrainBenchRow> rows = [];
        for (int i = 0; i < rounds.Length; i++)
        {
            (int thread, int index) = Math.DivRem(i, candidates.Count + 1);
            if (index == candidates.Count)
                continue;
            Candidate candidate = candidates[index];
            double peak = peaks[thread] / rounds[(thread + 1) * (candidates.Count + 1) - 1].Median, seconds = rounds[i].Median;
            rows.Add(new TrainBenchRow
            {
                Model = candidate.Name, Threads = threads[thread], Batch = candidate.Batch, Length = candidate.Length,
                Ms = 1e3 * seconds, MsMin = 1e3 * rounds[i].Seconds[0], MsMax = 1e3 * rounds[i].Seconds[^1],
                TokS = candidate.Batch * candidate.Length / seconds, Gflops = candidate.Flops / seconds / 1e9, OfPeak = candidate.Flops / seconds / peak,
            });
        }

        return rows;
    }

    private static void With(int threads, Action run)
    {
        RowParallel.Threads = threads;
        run();
    }

    private Candidate Dense(int sequences, int tokens) =>
        new("dense", new Mamba2LanguageModel(config, ParameterStore.Random(1)) { CheckpointBlocks = checkpointBlocks }, sequences, tokens);

    private static Candidate Student(Candidate dense, string name, bool frozen)
    {
        Mamba2LanguageModel student = dense.Model.ToSpikingStudent(new SpikingConfig());
        student.CheckpointBlocks = dense.Model.CheckpointBlocks;
        student.Embedding.Trainable = !frozen;
        return new Candidate(name, student, dense.Batch, dense.Length);
    }

    /// <summary>A model in training.</summary>
    private sealed class Candidate
    {
        private readonly TrainingStep _step;
        private readonly AdamW _optimizer;
        private double _flops;

        public Candidate(string name, Mamba2LanguageModel model, int batch, int length)
        {
            (Name, Model, Batch, Length) = (name, model, batch, length);
            SeededRandom random = new(1, "tokens");
            int[] tokens = [.. Enumerable.Range(0, 4 * batch * length + 1).Select(_ => random.NextInt(model.Config.VocabSize))];
            _optimizer = new AdamW(model.Store);
            _step = new TrainingStep(
                new LanguageModelObjective(model, new TokenBatches(new TokenList(tokens), batch, length, seed: 1)), _optimizer, average: null, microBatches: 1, clipNorm: 1f);
        }

        public string Name { get; }

        public Mamba2LanguageModel Model { get; }

        public int Batch { get; }

        public int Length { get; }

        /// <summary>Of one step, by the operations that count theirs.</summary>
        public double Flops
        {
            get
            {
                if (_flops == 0)
                {
                    using Profiler profiler = Profiler.Start();
                    Run();
                    profiler.Dispose();
                    _flops = profiler.Rows.Sum(row => (double)row.Flops);
                }

                return _flops;
            }
        }

        public void Run() => _step.Run(LearningRate);

        /// <summary>After the first step.</summary>
        public TrainMemoryReport Memory(long workingSetBefore)
        {
            TrainingMemory needed = TrainingMemory.Of(Model, Batch, Length);
            long held = needed.Weights + needed.Gradients + needed.Moments + _step.WorkspaceBytes;
            using var process = Process.GetCurrentProcess();
            return new TrainMemoryReport(
                needed.Weights, needed.Gradients, needed.Moments, needed.Activations, needed.Total, held, (double)held / needed.Total,
                process.PeakWorkingSet64 - workingSetBefore);
        }
    }
}
