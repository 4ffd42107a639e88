using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training;

/// <summary>Where batches say that documents begin, objectives have their models forget.</summary>
public class StateResetTests
{
    private const int EndOfText = 6;

    private readonly Mamba2LanguageModel _model = TinyModels.Dense();

    [Fact]
    public void OfALanguageModel() => AssertResets(
        batches => new LanguageModelObjective(_model, batches),
        batch => Ops.CrossEntropy(Logits(_model, batch), batch.Targets));

    [Fact]
    public void OfTeacherAndStudent()
    {
        Mamba2LanguageModel student = TinyModels.Student(_model);
        AssertResets(
            batches => new DistillationObjective(_model, student, batches, new DistillationOptions { KLWeight = 1f, HiddenWeight = 0f, Temperature = 1f }),
            batch => Ops.KLDivergence(Logits(student, batch), Logits(_model, batch), temperature: 1f));
    }

    private static Tensor Logits(Mamba2LanguageModel model, TokenBatch batch) => model.Forward(batch.Inputs, batch.BatchSize, starts: batch.Starts);

    private void AssertResets(Func<TokenBatches, Objective> objective, Func<TokenBatch, Tensor> expected)
    {
        TokenBatch batch = Batches(resetState: true).Next();
        Assert.InRange(batch.Starts!.Count(start => start), 2, batch.Inputs.Length - 1);

        double reset = Loss(objective(Batches(resetState: true)));
        Assert.Equal(expected(batch).Item(), reset, 1e-5);
        Assert.NotEqual(reset, Loss(objective(Batches(resetState: false))), 1e-4);
    }

    private static double Loss(Objective objective)
    {
        objective.Next();
        return objective.Loss().Item();
    }

    private TokenBatches Batches(bool resetState)
    {
        int[] ids = TinyModels.Tokens(400, _model.Config.VocabSize);
        for (int i = 7; i < ids.Length; i += 9)
            ids[i] = EndOfText;
        return new TokenBatches(new TokenList(ids, EndOfText), batchSize: 3, length: 24, seed: 1, resetState);
    }
}
