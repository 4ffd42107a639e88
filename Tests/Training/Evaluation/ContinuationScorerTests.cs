using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public class ContinuationScorerTests
{
    [Fact]
    public void ScoresAreThoseOfEachContinuationAlone()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(2_000, model.Config.VocabSize);
        Continuation[] continuations =
            [.. Enumerable.Range(0, 150).Select(i => new Continuation(ids[i..(i + 1 + i % 50)], ids[(3 * i)..(3 * i + 1 + i % 17)]))];

        float[] scores = ContinuationScorer.Score(model, continuations, CancellationToken.None);

        for (int i = 0; i < continuations.Length; i++)
        {
            (int[] context, int[] tokens) = continuations[i];
            double expected = -TinyText.NaiveLosses(model, [.. context, .. tokens]).TakeLast(tokens.Length).Sum();
            Assert.Equal(expected, scores[i], 1e-3);
        }
    }
}
