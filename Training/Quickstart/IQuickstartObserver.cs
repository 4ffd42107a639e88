namespace SpikeEngine.Training.Quickstart;

/// <summary>The parts of a quickstart, in their order.</summary>
public enum QuickstartStage
{
    /// <summary>Reading the text.</summary>
    Corpus,

    /// <summary>Learning the vocabulary.</summary>
    Tokenizer,

    /// <summary>Turning the text into tokens.</summary>
    Encode,

    /// <summary>Training the dense model.</summary>
    Teacher,

    /// <summary>Measuring it.</summary>
    TeacherEvaluation,

    /// <summary>Distilling the spiking model.</summary>
    Student,

    /// <summary>Measuring it, and its spikes.</summary>
    StudentEvaluation,

    /// <summary>Decoding speed of both.</summary>
    DecodeSpeed,

    /// <summary>Text from both.</summary>
    Samples,

    /// <summary>Writing the output folder.</summary>
    Saving,
}

/// <summary>Follows a quickstart. Calls come in order, on the thread of the run.</summary>
public interface IQuickstartObserver
{
    /// <summary>A stage begins.</summary>
    void Started(QuickstartStage stage);

    /// <summary>A training step is done.</summary>
    void Trained(QuickstartStage stage, TrainingProgress progress);

    /// <summary>A stage has ended.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="elapsed">Its time.</param>
    /// <param name="result">What came of it, in a few words.</param>
    void Finished(QuickstartStage stage, TimeSpan elapsed, string result);

    /// <summary>Something the user should know, such as a plan that had to be cut.</summary>
    void Note(string message);
}
