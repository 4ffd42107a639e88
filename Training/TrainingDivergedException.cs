namespace SpikeEngine.Training;

/// <summary>Training stopped because loss or gradient was not finite several times in a row.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
