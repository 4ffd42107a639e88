using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

/// <summary>
/// The figures of a fixed model on fixed items, in exact mode, where they are the same bits on every machine: whatever changes a prompt, a split of
/// tokens or a sum is seen here.
/// </summary>
[Collection(Lanes.Name)]
public sealed class StoredFiguresTests : IDisposable
{
    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    private static Dictionary<string, string> Stored { get; } = new()
    {
        ["hellaswag"] = "-119.60955381393433 -119.9579210281372 -80.56751489639282 -108.28292989730835 | acc 0.5 acc_norm 0 acc_bytes 0",
        ["piqa"] = "-91.37900924682617 -91.84504556655884 | acc 1 acc_norm 0 acc_bytes 0",
        ["arc_easy"] = "-28.203649520874023 -11.212646007537842 -33.85616445541382 | acc 1 acc_norm 1 acc_bytes 1",
        ["arc_challenge"] = "-90.55506944656372 -45.27914810180664 | acc 0 acc_norm 1 acc_bytes 1",
        ["boolq"] = "-17.10855531692505 -16.823701858520508 | acc 0 acc_norm 0 acc_bytes 0",
        ["winogrande"] = "-56.9761323928833 -56.856679916381836 | acc 1",
        ["openbookqa"] = "-34.56153917312622 -40.24998950958252 | acc 1 acc_norm 1 acc_bytes 1",
        ["lambada"] = "-11.189614295959473 | acc 0 perplexity 72374.8611",
        ["blimp"] = "-68.3591799736023 -74.34985876083374 | acc 1",
        ["copa"] = "-51.72277069091797 -45.481797218322754 | acc 0 acc_norm 0 acc_bytes 0",
        ["wsc273"] = "-51.20372724533081 -51.330846309661865 | acc 0",
        ["tinystories_cloze"] = "-62.40392017364502 -57.13091325759888 -45.52807855606079 -62.59154510498047 | acc 0 acc_norm 0 acc_bytes 0",
        ["wikitext2"] = "-494.9566316604614 | word_perplexity 3264724.08 byte_perplexity 61.8454541 bits_per_byte 5.95059565 bits_per_char 5.95059565 token_perplexity 294.543316",
        ["cloze:lines.txt"] = "-57.637033462524414 -52.08712577819824 -62.726497173309326 -52.331605434417725 | acc 0.2 acc_norm 0.24 acc_bytes 0.24",
        ["text:lines.txt"] = "-12164.745636463165 | word_perplexity 180633.341 byte_perplexity 10.1059973 bits_per_byte 3.3371398 bits_per_char 3.3371398 token_perplexity 311.341746",
        ["spiking hellaswag"] = "-119.62873697280884 -119.69180154800415 -80.17369318008423 -108.66089391708374 | acc 0.5 acc_norm 0 acc_bytes 0",
        ["spiking text:lines.txt"] = "-12145.015661239624 | word_perplexity 177121.762 byte_perplexity 10.0681541 bits_per_byte 3.3317273 bits_per_char 3.3317273 token_perplexity 308.31042",
    };

    public static IEnumerable<object[]> Tasks() => Stored.Keys.Select(key => new object[] { key });

    [Theory]
    [MemberData(nameof(Tasks))]
    public void FiguresAreThoseThatAreStored(string key)
    {
        Mamba2LanguageModel model = key.StartsWith("spiking ", StringComparison.Ordinal) ? TinyModels.Student(_text.Model) : _text.Model;
        string task = key.Split(' ')[^1];
        string data = Data(task);
        Lanes.ExactAtEveryWidth(() => Assert.Equal(Stored[key], Figures(ZeroShot.Run(new Mamba2Decoder(model), _text.Tokenizer, task, data, limit: null, maxLength: 24))));
    }

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    /// <summary>Log-likelihoods first, as they are what everything else follows from.</summary>
    private static string Figures(TaskResult result) =>
        string.Join(' ', result.Samples.SelectMany(sample => sample.Requests).Take(4).Select(asked => asked.LogLikelihood.ToString("R", CultureInfo.InvariantCulture)))
        + " | " + string.Join(' ', result.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Name} {metric.Value:G9}")));

    private string Data(string task)
    {
        if (task == "wikitext2")
        {
            _folder.Write("wikitext2/valid.txt", " = Owls = \n \n Owls hunt at night , by ear ; they see well too . \n = = Food = = \n \n An owl 's food is 9 @-@ gram mice . \n");
            return _folder.Path;
        }

        if (task.Contains(':', StringComparison.Ordinal))
        {
            _folder.Write("lines.txt", string.Join('\n', _text.Lines));
            return _folder.Path;
        }

        return TaskFixtures.Write(_folder, task, TaskFixtures.All.First(fixture => fixture.Task == task).Layout);
    }
}
