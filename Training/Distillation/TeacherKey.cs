using System.IO.Hashing;
using System.Runtime.InteropServices;
using SpikeEngine.Model;

namespace SpikeEngine.Training.Distillation;

/// <summary>Tells teachers apart by their weights, so that a distillation goes on with the one that it began with.</summary>
internal static class TeacherKey
{
    /// <summary>XXH128 of all weights: another teacher would lead the student elsewhere.</summary>
    public static string Of(LanguageModel teacher)
    {
        XxHash128 hash = new();
        foreach (Parameter parameter in teacher.Parameters())
            hash.Append(MemoryMarshal.AsBytes(parameter.Values));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
