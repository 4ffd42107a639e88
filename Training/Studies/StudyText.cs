using System.Text;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Studies;

/// <summary>The held-out text of a study: documents that begin with an empty state and are read to their end.</summary>
internal sealed class StudyText
{
    private const int Window = 2048;
    private const long MostTokens = 200_000;

    private readonly HeldOutText _text;

    private StudyText(HeldOutText text, Tokenizer tokenizer, int[] ids, string lines)
    {
        (_text, Tokenizer, Ids, LinesFile) = (text, tokenizer, ids, lines);
    }

    /// <summary>Of the teacher and all students.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Its tokens.</summary>
    public int[] Ids { get; }

    /// <summary>The text as a file, for a cloze test.</summary>
    public string LinesFile { get; }

    /// <summary>Finds it with the settings that a student has.</summary>
    /// <param name="data">Of a student's configuration.</param>
    /// <param name="tokenizerFile">Of the teacher.</param>
    /// <param name="folder">Where the file of the text goes.</param>
    /// <param name="formats">What can be read.</param>
    /// <param name="observer">Told of the tokenising.</param>
    /// <param name="cancellation">Stops it.</param>
    public static StudyText Open(
        DataSettings data, string tokenizerFile, string folder, RunFormats formats, IRunObserver observer, CancellationToken cancellation)
    {
        Tokenizer tokenizer = Tokenizer.Load(tokenizerFile);
        using RunText run = RunText.Open(data with { MostValidationTokens = MostTokens }, tokenizer, formats, observer, cancellation);
        HeldOutText text = new(run.Measured, MostTokens, Window, tokenizer, resetState: true);
        int[] ids = text.Ids.ToArray();
        string path = Path.Combine(folder, "held-out.txt");
        string decoded = string.Join('\n', ids.Aggregate(new List<List<int>> { new() }, (documents, id) =>
        {
            if (id == run.Measured.EndOfTextId)
                documents.Add([]);
            else
                documents[^1].Add(id);
            return documents;
        }).Where(d => d.Count > 0).Select(d => tokenizer.Decode([.. d])));
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(decoded + "\n")));
        return new StudyText(text, tokenizer, ids, path);
    }

    /// <summary>How well a model predicts it.</summary>
    public Perplexity Measure(LanguageModel model, SpikeStatistics? spikes, CancellationToken cancellation) => _text.Measure(model, spikes, cancellation);

    /// <summary>Tokens that a token of it sees in the mean, in a model with so many positions.</summary>
    public double MeanKeys(int? most) => _text.MeanKeys(most);
}
