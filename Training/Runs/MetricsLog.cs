namespace SpikeEngine.Training.Runs;

/// <summary>What a run has written about its steps, read while it is running or afterwards.</summary>
/// <param name="Lines">The lines that could be read, in the order of the file.</param>
/// <param name="Problems">What is wrong with the others, with their numbers; nothing is skipped silently.</param>
internal sealed record MetricsLog(IReadOnlyList<MetricsLine> Lines, IReadOnlyList<string> Problems)
{
    /// <summary>Reads <c>metrics.jsonl</c>.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    public static MetricsLog Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist: this is no folder of a run, or it has done no step yet.", path);
        List<MetricsLine> lines = [];
        List<string> problems = [];
        foreach ((int number, ReadOnlyMemory<byte> line, bool whole) in Cut(ReadShared(path)))
        {
            try
            {
                MetricsLine read = MetricsLine.Parse(line.Span);
                if (lines.Count > 0 && read.Step <= lines[^1].Step)
                    problems.Add($"line {number}: step {read.Step} comes after step {lines[^1].Step}");
                else
                    lines.Add(read);
            }
            catch (InvalidDataException error)
            {
                problems.Add(whole ? $"line {number}: {error.Message}" : $"line {number}, the last, is incomplete: it is being written, or the run was killed");
            }
        }

        return new MetricsLog(lines, problems);
    }

    /// <summary>Length of what belongs to the steps up to <paramref name="step"/>, whole lines only, and where the last of them begins.</summary>
    public static (long Length, long LastLine) LengthUpTo(string path, long step)
    {
        long length = 0, last = 0;
        foreach ((_, ReadOnlyMemory<byte> line, bool whole) in Cut(File.ReadAllBytes(path)))
        {
            if (!whole || StepOf(line.Span) > step)
                break;
            last = length;
            length += line.Length + 1;
        }

        return (length, last);
    }

    /// <summary>A line that nobody can read is left where it is, for the report to show.</summary>
    private static long StepOf(ReadOnlySpan<byte> line)
    {
        try
        {
            return MetricsLine.Parse(line).Step;
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }

    private static IEnumerable<(int Number, ReadOnlyMemory<byte> Line, bool Whole)> Cut(ReadOnlyMemory<byte> bytes)
    {
        for (int number = 1; !bytes.IsEmpty; number++)
        {
            int end = bytes.Span.IndexOf((byte)'\n');
            yield return (number, end < 0 ? bytes : bytes[..end], end >= 0);
            bytes = end < 0 ? default : bytes[(end + 1)..];
        }
    }

    /// <summary>The run that writes the file goes on meanwhile.</summary>
    private static byte[] ReadShared(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
