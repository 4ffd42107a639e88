using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed class LogProbabilitiesTests
{
    [Fact]
    public void Probabilities_sum_to_one_wherever_the_logits_lie() =>
        (from at in Gen.OneOf(Gen.Const(0f), Gen.Const(-3e4f), Gen.Const(3e4f))
         from logits in Gen.Float[-30f, 30f].Array[1, 300]
         select logits.Select(l => l + at).ToArray()).Sample(logits =>
         {
             LogProbabilities probabilities = new(logits);
             double sum = 0;
             for (int token = 0; token < logits.Length; token++)
                 sum += Math.Exp(probabilities[token]);
             Assert.Equal(1, sum, 1e-10);
         });

    [Fact]
    public void The_most_likely_come_first_and_the_first_of_equals_before_the_others() =>
        (from logits in Gen.Int[-5, 5].Select(i => (float)i).Array[1, 60]
         from count in Gen.Int[0, 70]
         select (logits, count)).Sample(x =>
         {
             int[] expected = [.. Enumerable.Range(0, x.logits.Length).OrderByDescending(i => x.logits[i]).ThenBy(i => i).Take(x.count)];
             LogProbabilities probabilities = new(x.logits);
             TokenLogProbability[] top = probabilities.Top(x.count);
             Assert.Equal(expected, top.Select(t => t.Token));
             foreach (TokenLogProbability each in top)
                 Assert.Equal(probabilities[each.Token], each.LogProbability);
         });

    [Fact]
    public void Two_even_chances_are_ln_of_a_half() => Assert.Equal(-Math.Log(2), new LogProbabilities([5f, 5f])[1], 1e-15);

    [Fact]
    public void Without_logits_there_are_no_probabilities() => Assert.Throws<ArgumentException>(() => new LogProbabilities([])[0]);
}
