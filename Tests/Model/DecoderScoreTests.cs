using SpikeEngine.Model;

namespace SpikeEngine.Tests.Model;

public class DecoderScoreTests
{
    [Fact]
    public void ScoresAreTheLogProbabilitiesOfAllLogits()
    {
        Mamba2Decoder decoder = new(TinyModels.Dense());
        int vocabulary = decoder.Config.VocabSize;
        int[] ids = TinyModels.Tokens(60, vocabulary), positions = [59, 0, 17, 17, 30], targets = [1, 2, 3, 4, 5];

        TokenScore[] scores = decoder.Score(ids, 2, positions, targets);

        double[] logits = decoder.Forward(ids, 2).InDouble();
        for (int i = 0; i < positions.Length; i++)
        {
            double[] row = logits[(positions[i] * vocabulary)..((positions[i] + 1) * vocabulary)];
            Assert.Equal(row[targets[i]] - Math.Log(row.Sum(Math.Exp)), scores[i].LogProbability, 1e-4);
            Assert.Equal(Array.IndexOf(row, row.Max()) == targets[i], scores[i].IsGreedy);
        }
    }

    [Fact]
    public void AStateGoesOnForEachSequenceThatIsNamed()
    {
        Mamba2Decoder decoder = new(TinyModels.Dense());
        int[] beginnings = TinyModels.Tokens(2 * 20, decoder.Config.VocabSize), rest = TinyModels.Tokens(3 * 7, decoder.Config.VocabSize);
        Mamba2State state = new(decoder.Config, batch: 2);
        decoder.Forward(beginnings, 2, state);

        Mamba2State three = state.Select([1, 0, 1]);
        Assert.Equal((3, 20L), (three.Batch, three.Position));
        float[] actual = decoder.Forward(rest, 3, three).Values.ToArray();

        float[] expected = [.. ((int[])[1, 0, 1]).SelectMany((sequence, i) =>
        {
            Mamba2State alone = new(decoder.Config);
            decoder.Forward(beginnings.AsMemory(20 * sequence, 20), 1, alone);
            return decoder.Forward(rest.AsMemory(7 * i, 7), 1, alone).Values.ToArray();
        })];
        Close.Assert(expected, actual, 1e-4);
        Assert.Equal(20, state.Position);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Mamba2Decoder decoder = new(TinyModels.Dense());
        Assert.Throws<ArgumentException>(() => decoder.Score(new int[4], 1, new[] { 0, 1 }, new[] { 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Score(new int[4], 1, new[] { 4 }, new[] { 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => decoder.Score(new int[4], 1, new[] { 0 }, new[] { decoder.Config.VocabSize }));
        Mamba2State state = new(decoder.Config, batch: 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Select([2]));
        Assert.Throws<ArgumentException>(() => state.Select([]));
    }
}
