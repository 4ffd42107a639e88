using SpikeEngine.Model;
using SpikeEngine.Model.Opt;
using SpikeEngine.Tests.Model.Opt;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation.Spad;

namespace SpikeEngine.Tests.Training.Distillation.Spad;

/// <summary>SpAD: its terms against sums by hand, what it reports, where it goes on.</summary>
[Collection(Lanes.Name)]
public sealed class SpadTests : IDisposable
{
    private const int Length = 12;

    private readonly TemporaryFolder _folder = new();
    private readonly OptLanguageModel _teacher = TinyOpt.Model(TinyOpt.Config);

    public void Dispose() => _folder.Dispose();

    /// <summary>A neuron without leak and with threshold 1 has spiked floor(c T) times after T steps of a current c from 0 to 1.</summary>
    [Fact]
    public void ARateIsThatOfTheSameNeuronWithTheTeachersNumberAsCurrent()
    {
        const int Steps = 4;
        float[] currents = [0f, 0.2f, 0.26f, 0.4f, 0.51f, 0.74f, 0.76f, 1f];
        Tensor rates = SpadTeacher.Rate(new Tensor(new Shape(currents.Length), currents), new BinarySpiking { TimeSteps = Steps, Beta = 1f - 1e-7f, Threshold = 1f });
        Assert.Equal(Array.ConvertAll(currents, c => MathF.Floor(c * Steps) / Steps), rates.ToArray());
    }

    [Theory]
    [InlineData(4, 4, "0 1 2 3")]
    [InlineData(3, 5, "0 2 4")]
    [InlineData(4, 12, "0 4 7 11")]
    [InlineData(1, 6, "5")]
    public void LayersAreMappedFromFirstToLast(int student, int teacher, string expected) =>
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, student).Select(layer => SpadTeacher.Mapped(layer, student, teacher))));

    /// <summary>A student like its teacher, and one with fewer layers, heads and channels: which stand for which is written out here.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TermsAreThoseOfTheirEquations(bool isSmaller)
    {
        OptLanguageModel teacher = isSmaller ? TinyOpt.Model(TinyOpt.Config with { LayerCount = 5, HeadCount = 4 }) : _teacher;
        OptLanguageModel student = SpadStudent.Create(teacher, isSmaller ? TinyOpt.Paper with { LayerCount = 3, DModel = 12 } : TinyOpt.Paper, SpadStart.Random, seed: 5);
        int[] layers = isSmaller ? [0, 2, 4] : [0, 1], heads = isSmaller ? [0, 3] : [0, 1];
        SpadOptions options = new() { GradientNormsEvery = 0 };
        SpadObjective objective = new(teacher, student, Batches(), options);
        objective.Next();
        double loss = objective.Loss().Item();
        Metrics metrics = new();
        objective.Report(metrics);
        IReadOnlyDictionary<string, double> values = metrics.Means();

        TokenBatch batch = Batches().Next();
        ForwardTrace ofTeacher = Trace(), ofStudent = Trace();
        Tensor teacherHidden = teacher.Hidden(batch.Inputs, 2, ofTeacher), hidden = student.Hidden(batch.Inputs, 2, ofStudent);
        Tensor embedding = isSmaller ? Ops.Linear(ofStudent.Embedding!, student.Store["training.spad.embedding.weight"]) : ofStudent.Embedding!;
        Assert.Equal(MeanSquare(embedding.Values, ofTeacher.Embedding!.Values), values["loss_ea"], 1e-6);
        BinarySpiking neurons = student.Config.Spiking!;
        double maps = layers.Select((of, layer) => Error(ofStudent.AttentionMaps[layer].Values, Heads(ofTeacher.AttentionMaps[of], heads), neurons)).Average();
        Assert.Equal(maps, values["loss_saa"], 1e-6);
        double features = layers.Select((of, layer) => Error(Features(student, layer, ofStudent.Residuals[layer]).Values, ofTeacher.Residuals[of].Values, neurons)).Average();
        Assert.Equal(features, values["loss_sfa"], 1e-5 * features);
        Assert.Equal(Divergence(Ops.Linear(teacherHidden, teacher.LmHead), Ops.Linear(hidden, student.LmHead), 2), values["loss_sta"], 1e-4);
        Assert.Equal(student.Loss(batch.Inputs, batch.Targets, 2).Item(), values["loss_hta"], 1e-5);
        double sum = 0.2 * values["loss_ea"] + 0.1 * values["loss_saa"] + 0.1 * values["loss_sfa"] + 0.3 * values["loss_sta"] + 0.3 * values["loss_hta"];
        Assert.Equal(sum, loss, 1e-5);
    }

    /// <summary>The gradient of a weighted term is that of a training with this term alone.</summary>
    [Fact]
    public void GradientNormsAreMeasuredAndLeaveNothingBehind()
    {
        List<IReadOnlyDictionary<string, double>> with = [], without = [];
        OptLanguageModel measured = Student(), plain = Student();
        Train(Objective(measured, new SpadOptions { GradientNormsEvery = 2 }), 4, p => with.Add(p.Metrics));
        Train(Objective(plain, new SpadOptions { GradientNormsEvery = 0 }), 4, p => without.Add(p.Metrics));
        string[] norms = ["grad_norm_ea", "grad_norm_saa", "grad_norm_sfa", "grad_norm_sta", "grad_norm_hta"];
        Assert.All(norms, name => Assert.True(with[0][name] > 0 && with[2].ContainsKey(name) && !with[1].ContainsKey(name)));
        SpadOptions none = new() { Embedding = 0f, Attention = 0f, Features = 0f, SoftTargets = 0f, HardTargets = 0f, GradientNormsEvery = 0 }, all = new();
        SpadOptions[] alone =
        [
            none with { Embedding = all.Embedding }, none with { Attention = all.Attention }, none with { Features = all.Features }, none with { SoftTargets = all.SoftTargets },
            none with { HardTargets = all.HardTargets },
        ];
        for (int term = 0; term < norms.Length; term++)
        {
            double norm = 0;
            Train(Objective(Student(), alone[term]), 1, p => norm = p.GradientNorm);
            Assert.Equal(norm, with[0][norms[term]], 1e-4 * norm);
        }

        Assert.Equal(TinyValues(plain), TinyValues(measured));
        Assert.Equal(without[3]["loss_hta"], with[3]["loss_hta"]);
    }

    [Fact]
    public void ATermOfWeightZeroIsNotThere()
    {
        SpadObjective objective = Objective(Student(), new SpadOptions { Attention = 0f, Features = 0f, GradientNormsEvery = 0 });
        objective.Next();
        objective.Loss();
        Metrics metrics = new();
        objective.Report(metrics);
        Assert.Equal(["loss_ea", "loss_sta", "loss_hta", MetricNames.SpikeRate], metrics.Means().Keys);
    }

    [Fact]
    public void AStudentLearns()
    {
        List<double> losses = [];
        OptLanguageModel student = Student();
        TokenBatches regular = new(new TokenList([.. Enumerable.Range(0, 400).Select(i => i * 7 % 61)]), batchSize: 2, Length, seed: 1);
        Train(new SpadObjective(_teacher, student, regular, new SpadOptions { GradientNormsEvery = 0, SoftTargets = 0f }), 80, p => losses.Add(p.Metrics["loss_hta"]));
        Assert.True(losses[^5..].Average() < losses[..5].Average() - 1, $"{losses[..5].Average()} to {losses[^5..].Average()}");
    }

    [Fact]
    public void AResumedRunHasTheBitsOfAWholeOne()
    {
        OptLanguageModel whole = Student(), stopped = Student(), resumed = Student();
        Run(whole, "whole", 6);
        Run(stopped, "parts", 3);
        Run(resumed, "parts", 6);
        Assert.Equal(TinyValues(whole), TinyValues(resumed));

        void Run(OptLanguageModel student, string folder, int steps)
        {
            SpadObjective objective = Objective(student, new SpadOptions());
            using CancellationTokenSource stop = new();
            using CheckpointFolder checkpoints = new(_folder.File(folder), student);
            Trainer trainer = new(new TrainerOptions { Steps = 6, LearningRate = 1e-2f }, objective, new AdamW(objective.Parameters)) { Checkpoints = checkpoints };
            trainer.Resume();
            trainer.Run(new StepObserver(progress =>
            {
                if (progress.Step == steps)
                    stop.Cancel();
            }), stop.Token);
        }
    }

    [Fact]
    public void WhatAStudentStartsWithIsTheTeachersOrItsOwn()
    {
        OptConfig config = TinyOpt.Paper;
        OptLanguageModel random = SpadStudent.Create(_teacher, config, SpadStart.Random, 2), embeddings = SpadStudent.Create(_teacher, config, SpadStart.Embeddings, 2);
        OptLanguageModel all = SpadStudent.Create(_teacher, config, SpadStart.Teacher, 2);
        const string Q = "model.decoder.layers.0.self_attn.q_proj.weight";
        Assert.NotEqual(Values(_teacher, "model.decoder.embed_tokens.weight"), Values(random, "model.decoder.embed_tokens.weight"));
        Assert.Equal(Values(_teacher, "model.decoder.embed_tokens.weight"), Values(embeddings, "model.decoder.embed_tokens.weight"));
        Assert.Equal(Values(random, Q), Values(embeddings, Q));
        Assert.Equal(Values(_teacher, Q), Values(all, Q));
        Assert.Throws<ArgumentException>(() => SpadStudent.Create(_teacher, config with { VocabSize = 9 }, SpadStart.Random, 1));
        Assert.Throws<ArgumentException>(() => SpadStudent.Create(all, config, SpadStart.Random, 1));
        Assert.Throws<ArgumentException>(() => SpadStudent.Create(_teacher, config with { DModel = 12 }, SpadStart.Teacher, 1));

        static float[] Values(OptLanguageModel model, string path) => model.Store[path].Values.ToArray();
    }

    private OptLanguageModel Student() => SpadStudent.Create(_teacher, TinyOpt.Paper, SpadStart.Random, seed: 5);

    private SpadObjective Objective(OptLanguageModel student, SpadOptions options) => new(_teacher, student, Batches(), options);

    private static TokenBatches Batches() => new(new TokenList(TinyOpt.Tokens(400)), batchSize: 2, Length, seed: 1);

    private static void Train(SpadObjective objective, int steps, Action<TrainingProgress> observe) =>
        TinyModels.Train(objective, new TrainerOptions { Steps = steps, LearningRate = 1e-2f }, observe);

    private static float[][] TinyValues(OptLanguageModel model) => [.. model.Parameters().Select(p => p.Values.ToArray())];

    private static ForwardTrace Trace() => new() { KeepsBlockOutputs = false, KeepsAttentionMaps = true, KeepsEmbedding = true, KeepsResiduals = true };

    /// <summary>Some heads of maps [batch][heads][queries][keys].</summary>
    private static float[] Heads(Tensor maps, int[] heads)
    {
        int size = maps.Shape[2] * maps.Shape[3];
        return [.. Enumerable.Range(0, maps.Shape[0]).SelectMany(text => heads.SelectMany(head => maps.Values.Slice((text * maps.Shape[1] + head) * size, size).ToArray()))];
    }

    private static double MeanSquare(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum / a.Length;
    }

    /// <summary>LN(W H + b), with the parameters that training has added to the student's.</summary>
    private static Tensor Features(OptLanguageModel student, int layer, Tensor hidden)
    {
        Tensor Of(string name) => student.Store[$"training.spad.{name}"];
        return Ops.LayerNorm(Ops.Linear(hidden, Of($"layers.{layer}.weight"), Of($"layers.{layer}.bias")), Of($"norms.{layer}.weight"), Of($"norms.{layer}.bias"));
    }

    /// <summary>Half the error against the teacher's rates, half that against its values.</summary>
    private static double Error(ReadOnlySpan<float> student, ReadOnlySpan<float> teacher, BinarySpiking neuron)
    {
        float[] rates = teacher.ToArray();
        for (int i = 0; i < rates.Length; i++)
        {
            double potential = 0, spikes = 0, taken = 0;
            for (int step = 0; step < neuron.TimeSteps; step++)
            {
                potential = neuron.ResetsAfterLeak ? neuron.Beta * potential - taken + teacher[i] : neuron.Beta * (potential - taken) + teacher[i];
                taken = potential < neuron.Threshold ? 0 : neuron.Threshold;
                spikes += taken > 0 ? 1 : 0;
            }

            rates[i] = (float)(spikes / neuron.TimeSteps);
        }

        return 0.5 * MeanSquare(student, rates) + 0.5 * MeanSquare(student, teacher);
    }

    private static double Divergence(Tensor teacher, Tensor student, double temperature)
    {
        double sum = 0;
        for (int row = 0; row < teacher.Rows; row++)
        {
            double[] p = LogSoftmax(teacher, row), q = LogSoftmax(student, row);
            sum += p.Zip(q, (a, b) => Math.Exp(a) * (a - b)).Sum();
        }

        return temperature * temperature * sum / teacher.Rows;

        double[] LogSoftmax(Tensor logits, int row)
        {
            double[] x = [.. logits.Values.Slice(row * logits.Columns, logits.Columns).ToArray().Select(v => v / temperature)];
            double log = Math.Log(x.Sum(v => Math.Exp(v - x.Max()))) + x.Max();
            return [.. x.Select(v => v - log)];
        }
    }
}
