namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>What stands around a question.</summary>
internal static class Prompts
{
    public static string Question(string question) => $"Question: {question}\nAnswer:";

    public static string Question(string passage, string question) => $"{passage}\n{Question(question)}";

    /// <summary>A question as it is.</summary>
    public static string Plain(string question) => question;
}
