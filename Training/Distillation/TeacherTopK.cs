using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training.Distillation;

/// <summary>
/// What a teacher says after every token of a text: its k most likely tokens and their log-probabilities, on disk. Made once and used by any
/// number of students; the teacher reads the windows that they read (<see cref="TokenBatches"/> whose cuts do not move), so it sees what they see.
/// </summary>
public sealed class TeacherTopK : IDisposable
{
    private const int TokensAtOnce = 4096;
    private const int HeaderSize = 64;
    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes("SPKTOPK1");

    private readonly SafeFileHandle _file;

    private TeacherTopK(SafeFileHandle file, string key, long count, int k) => (_file, Key, Count, K) = (file, key, count, k);

    /// <summary>What it was made of: teacher, text, k, and whether documents see each other.</summary>
    public string Key { get; }

    /// <summary>Positions.</summary>
    public long Count { get; }

    /// <summary>Tokens of each position.</summary>
    public int K { get; }

    private int RowBytes => K * (sizeof(int) + sizeof(float));

    /// <summary>Finds the file in a folder, or has the teacher write it.</summary>
    /// <param name="folder">The folder, such as that of tokenised texts.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="k">Tokens of each position, at most the vocabulary.</param>
    /// <param name="window">Tokens of a window.</param>
    /// <param name="resetState">Whether documents do not see each other.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two batches; nothing is left then.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not from 1 to the vocabulary.</exception>
    /// <exception cref="IOException">The file cannot be written or read.</exception>
    public static TeacherTopK OpenOrBuild(
        string folder, Mamba2LanguageModel teacher, ITokenStream tokens, int k, int window, bool resetState, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(tokens);
        if (k < 1 || k > teacher.Config.VocabSize)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"The teacher's vocabulary has {teacher.Config.VocabSize} tokens.");
        string key = KeyOf(teacher, tokens, k, window, resetState), path = Path.Combine(folder, $"teacher-{key}.topk");
        if (Open(path, key, tokens.Count, k) is { } found)
            return found;
        Directory.CreateDirectory(folder);
        AtomicFile.Write(path, stream => Write(stream, key, teacher, tokens, k, window, resetState, progress, cancellation));
        return Open(path, key, tokens.Count, k) ?? throw new IOException($"'{path}' was just written and cannot be read.");
    }

    /// <summary>Reads positions.</summary>
    /// <param name="position">The first.</param>
    /// <param name="ids">[positions, k]</param>
    /// <param name="logProbabilities">[positions, k], natural logarithms, falling in each row.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not all in the text.</exception>
    public void Read(long position, Span<int> ids, Span<float> logProbabilities)
    {
        int rows = ids.Length / K;
        if (position < 0 || position + rows > Count)
            throw new ArgumentOutOfRangeException(nameof(position), position, $"{rows} positions from there on are not within {Count}.");
        byte[] bytes = new byte[rows * RowBytes];
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(_file, bytes.AsSpan(done), HeaderSize + position * RowBytes + done);
            done += read > 0 ? read : throw new EndOfStreamException("The file of the teacher's words has become shorter.");
        }

        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> of = bytes.AsSpan(row * RowBytes, RowBytes);
            MemoryMarshal.Cast<byte, int>(of[..(K * sizeof(int))]).CopyTo(ids[(row * K)..]);
            MemoryMarshal.Cast<byte, float>(of[(K * sizeof(int))..]).CopyTo(logProbabilities[(row * K)..]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void Write(
        Stream stream, string key, Mamba2LanguageModel teacher, ITokenStream tokens, int k, int window, bool resetState, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        stream.Write(Header(key, tokens.Count, k));
        Workspace workspace = new();
        TopKRows rows = new(k);
        for (long at = 0; at < tokens.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            int windows = (int)Math.Min(Math.Max(1, TokensAtOnce / window), (tokens.Count - at) / window);
            int length = windows == 0 ? (int)(tokens.Count - at) : windows * window;
            int[] ids = new int[length];
            tokens.Read(at, ids);
            bool[] starts = new bool[resetState ? length : 0];
            if (resetState)
                tokens.MarkStarts(at, starts);
            using Workspace.Scope scope = workspace.Open();
            Tensor hidden = teacher.Hidden(ids, Math.Max(1, windows), starts: starts);
            rows.Write(stream, hidden, teacher.LmHead);
            at += length;
            progress?.Report((double)at / tokens.Count);
        }
    }

    private static TeacherTopK? Open(string path, string key, long count, int k)
    {
        if (!File.Exists(path))
            return null;
        SafeFileHandle file = File.OpenHandle(path);
        byte[] header = new byte[HeaderSize];
        long length = HeaderSize + count * k * (sizeof(int) + sizeof(float));
        if (RandomAccess.Read(file, header, 0) == HeaderSize && header.AsSpan().SequenceEqual(Header(key, count, k)) && RandomAccess.GetLength(file) == length)
            return new TeacherTopK(file, key, count, k);
        file.Dispose();
        return null;
    }

    private static byte[] Header(string key, long count, int k)
    {
        byte[] header = new byte[HeaderSize];
        s_magic.CopyTo(header, 0);
        BitConverter.TryWriteBytes(header.AsSpan(8), count);
        BitConverter.TryWriteBytes(header.AsSpan(16), (long)k);
        Convert.FromHexString(key).CopyTo(header, 24);
        return header;
    }

    private static string KeyOf(Mamba2LanguageModel teacher, ITokenStream tokens, int k, int window, bool resetState)
    {
        XxHash128 hash = new();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{teacher.Config} {tokens.Key} {k} {resetState} {window}")));
        foreach (Parameter parameter in teacher.Parameters())
            hash.Append(MemoryMarshal.AsBytes(parameter.Values));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
