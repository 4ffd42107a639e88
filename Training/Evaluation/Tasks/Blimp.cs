using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>
/// BLiMP: two sentences that differ in what makes one of them grammatical. Both are scored as a whole, behind the token that parts texts; as in
/// lm-evaluation-harness each has a blank in front.
/// </summary>
internal static class Blimp
{
    private const string Phenomenon = "phenomenon", Paradigm = "paradigm";

    public static EvaluationTask Task { get; } = new ChoiceTask
    {
        Name = "blimp",
        Description = "BLiMP: which of two sentences is grammatical; also by phenomenon",
        MainMetric = ChoiceTask.Accuracy,
        Files = new TaskFiles(["blimp.jsonl"], ["blimp"], ["data"]),
        Items = Read,
    };

    /// <summary>One file, or a folder with one file for each paradigm. A limit is for each paradigm, as each is a task of its own elsewhere.</summary>
    private static IReadOnlyList<ChoiceItem> Read(string path, int? limit, CancellationToken cancellation) =>
        [.. TaskRecords.Files(path).SelectMany(file => TaskRecords.Read(file, Item, limit: null, cancellation))
            .GroupBy(item => item.Groups![^1]).SelectMany(paradigm => paradigm.Take(limit ?? int.MaxValue))];

    private static ChoiceItem Item(DataRecord record)
    {
        bool published = record.Has("sentence_good");
        string paradigm = record.Text(published ? "UID" : "uid");
        string[] sentences = published
            ? [record.Text("sentence_good"), record.Text("sentence_bad")]
            : [record.Text("good"), record.Text("bad")];
        return ChoiceItem.Of($"{paradigm} {record.Name(record.Has("pairID") ? "pairID" : record.Has("pair_id") ? "pair_id" : "pair")}", "", sentences, gold: 0) with
        {
            Lengths = null,
            Groups = [(Phenomenon, record.Text(published ? "linguistics_term" : "phenomenon")), (Paradigm, paradigm)],
        };
    }
}
