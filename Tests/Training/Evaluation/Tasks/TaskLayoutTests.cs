using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

/// <summary>Every layout of a task gives the same prompts, which are those of lm-evaluation-harness.</summary>
public sealed class TaskLayoutTests : IDisposable
{
    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<object[]> Fixtures() => TaskFixtures.All.Select(fixture => new object[] { fixture.Task, fixture.Layout });

    /// <summary>Contexts and continuations, and the index of the right one.</summary>
    private static Dictionary<string, (string[] Requests, int? Gold)[]> Prompts { get; } = new()
    {
        ["hellaswag"] =
        [
            (["Baking bread: a man kneads the dough. He| puts it in a warm place.", "Baking bread: a man kneads the dough. He| throws it out of the window."], 0),
            (["Fishing: a boat lies still. The man| sings to the clouds.", "Fishing: a boat lies still. The man| waits. Then he pulls."], 1),
        ],
        ["piqa"] = [(["Question: keep soup warm\nAnswer:| put a lid on the pot", "Question: keep soup warm\nAnswer:| put the pot on the lid"], 0)],
        ["arc_easy"] =
            [(["Question: What falls from clouds?\nAnswer:| stones", "Question: What falls from clouds?\nAnswer:| rain", "Question: What falls from clouds?\nAnswer:| leaves"], 1)],
        ["arc_challenge"] = [(["Question: Why is the sky dark at night?\nAnswer:| the sun is behind the earth", "Question: Why is the sky dark at night?\nAnswer:| it sleeps"], 0)],
        ["boolq"] =
            [(["Owls -- Owls hunt at night.\nQuestion: do owls hunt at noon?\nAnswer:| no", "Owls -- Owls hunt at night.\nQuestion: do owls hunt at noon?\nAnswer:| yes"], 0)],
        ["winogrande"] = [(["Tom thanked Ben, for Tom| had helped.", "Tom thanked Ben, for Ben| had helped."], 1)],
        ["openbookqa"] = [(["Ice melts when it| gets warm", "Ice melts when it| gets loud"], 0)],
        ["lambada"] = [(["She called the dog and\nout came the| dog"], null)],
        ["blimp"] = [(["| The birds sing.", "| The birds sings."], 0)],
        ["copa"] = [(["The glass broke because| it fell.", "The glass broke because| it shone."], 0)],
        ["wsc273"] = [(["The cup was in the box until the cup| was opened.", "The cup was in the box until the box| was opened."], 1)],
        ["tinystories_cloze"] =
            [(["The dog ran to the gate.| It was shut.", "The dog ran to the gate.| It was soup.", "The dog ran to the gate.| It sang.", "The dog ran to the gate.| It rained soup."], 0)],
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void PromptsAreThoseOfTheHarness(string task, string layout)
    {
        TaskResult result = Run(task, TaskFixtures.Write(_folder, task, layout));

        (string[] Requests, int? Gold)[] expected = Prompts[task];
        Assert.Equal(expected.Length, result.Items);
        for (int i = 0; i < expected.Length; i++)
        {
            // The prepared queries have their second sentence as it was.
            StringComparison how = task == "hellaswag" && layout == TaskFixtures.Prepared ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            string[] actual = [.. result.Samples[i].Requests.Select(asked => $"{asked.Request.Context}|{asked.Request.Continuation}")];
            Assert.Equal(expected[i].Requests.Length, actual.Length);
            Assert.All(actual.Zip(expected[i].Requests), pair => Assert.True(string.Equals(pair.First, pair.Second, how), pair.First));
            Assert.Equal(expected[i].Gold, result.Samples[i].Gold);
        }
    }

    [Fact]
    public void EveryTaskHasAFixture() =>
        Assert.Equal(ZeroShotTasks.Names.Where(name => name != "wikitext2").Order(), TaskFixtures.All.Select(fixture => fixture.Task).Distinct().Order());

    [Fact]
    public void AFileIsReadFromItsOwnPathAndPacked()
    {
        string plain = Path.Combine(TaskFixtures.Write(_folder, "copa", TaskFixtures.Prepared), "copa", "copa.jsonl"), packed = Path.Combine(Directory.CreateDirectory(_folder.File("packed")).FullName, "copa.jsonl.gz");
        using (FileStream file = File.Create(packed))
        {
            using System.IO.Compression.GZipStream stream = new(file, System.IO.Compression.CompressionLevel.Fastest);
            stream.Write(File.ReadAllBytes(plain));
        }

        Assert.Equal(Run("copa", plain).Metrics, Run("copa", packed).Metrics);
        Assert.Equal(packed, Run("copa", _folder.File("packed")).Source);
    }

    [Theory]
    [InlineData("piqa", "piqa.jsonl", """{"goal": "g", "sol1": "a", "label": 1}""", "line 3: field 'sol2' is missing")]
    [InlineData("piqa", "piqa.jsonl", """{"goal": "g", "sol1": "a", "sol2": "b", "label": 2}""", "line 3: field 'label' is 2, expected a whole number from 0 to 1")]
    [InlineData("piqa", "piqa.jsonl", """{"goal": "g", "sol1": "a", "sol2": 3, "label": 0}""", "line 3: field 'sol2' is 3, expected text")]
    [InlineData("piqa", "piqa.jsonl", """{"goal": """, "line 3, byte")]
    [InlineData("arc_easy", "arc_easy.jsonl", """{"question": {"stem": "s", "choices": [{"text": "t"}]}, "answerKey": "A"}""", "line 3: field 'question.choices[0].label' is missing")]
    [InlineData("arc_easy", "arc_easy.jsonl", """{"question": {"stem": "s", "choices": ["t"]}, "answerKey": "A"}""", "line 3: field 'question.choices[0]' is \"t\", expected an object")]
    [InlineData("arc_easy", "arc_easy.jsonl", """{"question": "s", "choices": {"text": ["t"], "label": ["A"]}, "answerKey": "B"}""", "line 3: field 'answerKey' is 'B'; the answers are A")]
    [InlineData("arc_easy", "arc_easy.jsonl", """{"question": "s", "choices": {"text": ["t", "u"], "label": ["A"]}, "answerKey": "A"}""", "line 3: field 'choices.label' has 1 labels for 2 texts")]
    [InlineData("hellaswag", "hellaswag.jsonl", """{"query": "q", "choices": ["a", ""], "gold": 0}""", "line 3: field 'choices[1]' is empty")]
    [InlineData("hellaswag", "hellaswag.jsonl", """{"query": "q", "choices": ["a", "b"], "gold": -1}""", "line 3: field 'gold' is -1")]
    [InlineData("winogrande", "winogrande.jsonl", """{"sentence": "no gap", "option1": "a", "option2": "b", "answer": "1"}""", "line 3: field 'sentence' has no '_'")]
    [InlineData("boolq", "boolq.jsonl", """{"passage": "p", "question": "q", "answer": "maybe"}""", "line 3: field 'answer' is \"maybe\"")]
    [InlineData("lambada", "lambada.jsonl", """{"text": "word"}""", "line 3: field 'text' has no last word")]
    [InlineData("copa", "copa.jsonl", """{"premise": "p.", "choice1": "a", "choice2": "b", "question": "why", "label": 0}""", "line 3: field 'question' is 'why'")]
    [InlineData("blimp", "blimp.jsonl", """{"uid": "u", "good": "g", "bad": "b"}""", "line 3: field 'phenomenon' is missing")]
    public void ALineThatIsWrongIsNamed(string task, string file, string line, string offence)
    {
        (_, _, _, string[] lines) = TaskFixtures.All.First(fixture => fixture.Task == task && fixture.Layout is TaskFixtures.Prepared);
        string path = _folder.Write(file, $"{lines[0]}\n\n{line}\n");
        string message = Assert.Throws<InvalidDataException>(() => Run(task, path)).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains(offence, message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingDataAndTasksAreNamed()
    {
        Assert.Contains("arc_easy.jsonl or ARC-Easy-Test.jsonl", Assert.Throws<FileNotFoundException>(() => Run("arc_easy", _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => Run("piqa", _folder.File("none")));
        Assert.Contains("hellaswag", Assert.Throws<ArgumentException>(() => Run("hellaswig", _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Run("text:none.txt", _folder.Path));
        Assert.Contains("has no examples", Assert.Throws<InvalidDataException>(() => Run("piqa", _folder.Write("piqa.jsonl", "\n"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0\n1\n", "has 2 answers; there are 1 items")]
    [InlineData("\n", "has 0 answers, and none for this line")]
    [InlineData("7\n", "field 'label' is \"7\"")]
    public void AnswersThatDoNotFitTheItemsAreRefused(string answers, string offence)
    {
        string folder = TaskFixtures.Write(_folder, "piqa", TaskFixtures.Listed);
        File.WriteAllText(Path.Combine(folder, "piqa", "valid-labels.lst"), answers);
        Assert.Contains(offence, Assert.Throws<InvalidDataException>(() => Run("piqa", folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _text.Dispose();
        _folder.Dispose();
    }

    private TaskResult Run(string task, string data) => ZeroShot.Run(new Mamba2Decoder(_text.Model), _text.Tokenizer, task, data);
}
