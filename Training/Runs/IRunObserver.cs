namespace SpikeEngine.Training.Runs;

/// <summary>Follows a run, whose preparations may take longer than a step. Calls come in order, on the thread of the run.</summary>
public interface IRunObserver : ITrainingObserver
{
    /// <summary>A preparation begins, such as <c>tokens</c>.</summary>
    /// <param name="stage">Its name.</param>
    void Started(string stage);

    /// <summary>How far it is.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="share">From 0 to 1.</param>
    void Progressed(string stage, double share);

    /// <summary>It has ended.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="elapsed">Its time.</param>
    /// <param name="result">What came of it, in a few words.</param>
    void Finished(string stage, TimeSpan elapsed, string result);

    /// <summary>Something that the user should know.</summary>
    /// <param name="message">One sentence or two.</param>
    void Note(string message);
}
