namespace SpikeEngine.Tests.Training.Evaluation.Tasks;

/// <summary>A few items of each task in our own words, in every layout that the task has.</summary>
internal static class TaskFixtures
{
    public const string Prepared = "prepared", Published = "published", Listed = "listed", Table = "table";

    /// <summary>The task, the layout, the file's name, its lines; one line a record.</summary>
    public static IReadOnlyList<(string Task, string Layout, string File, string[] Lines)> All { get; } =
    [
        ("hellaswag", Prepared, "hellaswag.jsonl",
        [
            """{"id": 3, "query": "Baking bread: a man kneads the dough. he", "choices": ["puts it in a warm place.", "throws it out of the window."], "gold": 0}""",
            """{"id": 4, "query": "Fishing: a boat lies still. the man", "choices": ["sings to the clouds.", "waits. Then he pulls."], "gold": 1}""",
        ]),
        ("hellaswag", Published, "hellaswag_val.jsonl",
        [
            """{"ind": 3, "activity_label": "Baking bread", "ctx_a": "a man kneads the dough.", "ctx_b": "he", "ctx": "a man kneads the dough. he", "endings": ["puts it in a warm place.", " throws it out [substeps] of the window."], "label": 0}""",
            """{"ind": 4, "activity_label": "Fishing", "ctx_a": "a boat [header] lies still.", "ctx_b": "THE man", "endings": ["sings to the clouds.", "waits [title] Then he pulls."], "label": "1"}""",
        ]),
        ("piqa", Prepared, "piqa.jsonl", ["""{"id": 1, "query": "keep soup warm", "choices": ["put a lid on the pot", "put the pot on the lid"], "gold": 0}"""]),
        ("piqa", Published, "valid.jsonl", ["""{"id": "1", "goal": "keep soup warm", "sol1": "put a lid on the pot", "sol2": "put the pot on the lid", "label": 0}"""]),
        ("piqa", Listed, "valid.jsonl", ["""{"goal": "keep soup warm", "sol1": "put a lid on the pot", "sol2": "put the pot on the lid"}"""]),
        ("piqa", Table, "piqa.csv", ["goal,sol1,sol2,label", "keep soup warm,put a lid on the pot,\"put the pot on the lid\",0"]),
        ("arc_easy", Prepared, "arc_easy.jsonl", ["""{"id": "T_1", "query": "What falls from clouds?", "choices": ["stones", "rain", "leaves"], "gold": 1}"""]),
        ("arc_easy", Published, "ARC-Easy-Test.jsonl", ["""{"id": "T_1", "question": {"stem": "What falls from clouds?", "choices": [{"text": "stones", "label": "1"}, {"text": "rain", "label": "2"}, {"text": "leaves", "label": "3"}]}, "answerKey": "2"}"""]),
        ("arc_easy", Listed, "arc_easy.jsonl", ["""{"id": "T_1", "question": "What falls from clouds?", "choices": {"text": ["stones", "rain", "leaves"], "label": ["A", "B", "C"]}, "answerKey": "B"}"""]),
        ("arc_challenge", Published, "ARC-Challenge-Test.jsonl", ["""{"id": "T_2", "question": {"stem": "Why is the sky dark at night?", "choices": [{"text": "the sun is behind the earth", "label": "A"}, {"text": "it sleeps", "label": "B"}]}, "answerKey": "A"}"""]),
        ("boolq", Prepared, "boolq.jsonl", ["""{"id": 0, "passage": "Owls -- Owls hunt at night.", "query": "do owls hunt at noon?", "choices": ["no", "yes"], "gold": 0}"""]),
        ("boolq", Published, "boolq.jsonl", ["""{"idx": 0, "passage": "Owls -- Owls hunt at night.", "question": "do owls hunt at noon", "label": false}"""]),
        ("boolq", Listed, "boolq.jsonl", ["""{"title": "Owls", "passage": "Owls hunt at night.", "question": "do owls hunt at noon", "answer": false}"""]),
        ("winogrande", Prepared, "winogrande.jsonl", ["""{"id": 5, "contexts": ["Tom thanked Ben, for Tom", "Tom thanked Ben, for Ben"], "continuation": "had helped.", "gold": 1}"""]),
        ("winogrande", Published, "dev.jsonl", ["""{"qID": "5", "sentence": "Tom thanked Ben, for _ had helped.", "option1": "Tom", "option2": "Ben", "answer": "2"}"""]),
        ("winogrande", Listed, "dev.jsonl", ["""{"sentence": "Tom thanked Ben, for _ had helped.", "option1": "Tom", "option2": "Ben"}"""]),
        ("winogrande", Table, "winogrande.csv", ["sentence,option1,option2,answer", "\"Tom thanked Ben, for _ had helped.\",Tom,Ben,2"]),
        ("openbookqa", Prepared, "openbookqa.jsonl", ["""{"id": "o", "query": "Ice melts when it", "choices": ["gets warm", "gets loud"], "gold": 0}"""]),
        ("openbookqa", Published, "test.jsonl", ["""{"id": "o", "question": {"stem": "Ice melts when it", "choices": [{"text": "gets warm", "label": "A"}, {"text": "gets loud", "label": "B"}]}, "answerKey": "A"}"""]),
        ("openbookqa", Listed, "openbookqa.jsonl", ["""{"id": "o", "question_stem": "Ice melts when it", "choices": {"text": ["gets warm", "gets loud"], "label": ["A", "B"]}, "answerKey": "A "}"""]),
        ("lambada", Prepared, "lambada.jsonl", ["""{"id": 0, "context": "She called the dog and\nout came the", "target": "dog"}"""]),
        ("lambada", Published, "lambada_test.jsonl", ["""{"text": "She called the dog and\nout came the dog"}"""]),
        ("blimp", Prepared, "blimp.jsonl", ["""{"uid": "agreement_1", "phenomenon": "agreement", "field": "syntax", "pair": 3, "good": "The birds sing.", "bad": "The birds sings."}"""]),
        ("blimp", Published, "data/agreement_1.jsonl", ["""{"sentence_good": "The birds sing.", "sentence_bad": "The birds sings.", "field": "syntax", "linguistics_term": "agreement", "UID": "agreement_1", "pairID": "3"}"""]),
        ("copa", Prepared, "copa.jsonl", ["""{"id": 1, "query": "The glass broke because", "choices": ["it fell.", "it shone."], "gold": 0}"""]),
        ("copa", Published, "copa.jsonl", ["""{"premise": "The glass broke.", "choice1": "It fell.", "choice2": "It shone.", "question": "cause", "idx": 1, "label": 0}"""]),
        ("wsc273", Prepared, "wsc273.jsonl", ["""{"id": 0, "contexts": ["The cup was in the box until the cup", "The cup was in the box until the box"], "continuation": "was opened.", "gold": 1}"""]),
        ("wsc273", Published, "wsc273.jsonl", ["""{"text": "The cup was in the box until it  was opened.", "pronoun": "it", "pronoun_loc": 29, "options": ["The cup", "The box"], "label": 1}"""]),
        ("tinystories_cloze", Prepared, "cloze.jsonl", ["""{"task": "tinystories_cloze", "id": "d", "query": "The dog ran to the gate.", "choices": ["It was shut.", "It was soup.", "It sang.", "It rained soup."], "gold": 0}"""]),
    ];

    /// <summary>Writes a fixture, with the answers in a file of their own where its layout has them there, and returns its folder.</summary>
    public static string Write(TemporaryFolder folder, string task, string layout)
    {
        (_, _, string file, string[] lines) = All.First(fixture => fixture.Task == task && fixture.Layout == layout);
        string inside = $"{layout}/{task}";
        folder.Write($"{inside}/{file}", string.Join('\n', lines) + "\n");
        if (layout == Listed && task is "piqa" or "winogrande")
            folder.Write($"{inside}/{Path.GetFileNameWithoutExtension(file)}-labels.lst", task == "piqa" ? "0\n" : "2\n");
        return folder.File(layout);
    }
}
