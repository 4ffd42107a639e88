using System.Globalization;
using System.IO.Hashing;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>
/// One checkpoint: a model folder that every command can use, <c>training.safetensors</c> with the tensors of the training
/// state, and <c>training.json</c> with its numbers and the checksums of all other files.
/// </summary>
public static class TrainingCheckpoint
{
    /// <summary>File name of the tensors.</summary>
    public const string TensorsFile = "training.safetensors";

    /// <summary>Writes one into an empty folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="model">The model that is trained.</param>
    /// <param name="state">Everything else.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="IOException">A file cannot be written; the message names it.</exception>
    public static long Write(string folder, long step, TrainedModel model, ITrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(model);
        StateWriter writer = new();
        model.Visit(writer.In("model"));
        state.Visit(writer);
        Writing("the model", () => model.Save(folder, keepsTrainingOnly: true));
        Writing(TensorsFile, () => SafetensorsWriter.Write(Path.Combine(folder, TensorsFile), writer.Tensors));

        List<(string Name, long Length, string Hash)> files = [.. Directory.EnumerateFiles(folder)
            .Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), new FileInfo(path).Length, Hash(path)))];
        TrainingManifest manifest = new() { Step = step, Numbers = writer.Numbers, Files = files };
        Writing(TrainingManifest.FileName, () => manifest.Write(folder));
        return files.Sum(file => file.Length) + new FileInfo(Path.Combine(folder, TrainingManifest.FileName)).Length;
    }

    /// <summary>Reads every byte and compares with the checksums.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <returns>Steps done before it.</returns>
    /// <exception cref="InvalidDataException">A file is missing or damaged; the message names it.</exception>
    public static long Verify(string folder) => ReadVerified(folder).Step;

    /// <summary>Puts a model and a state back.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="model">A model of the same sizes.</param>
    /// <param name="state">The rest, made of the same parts.</param>
    /// <returns>Steps done before it.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or of another model, optimiser or data; the message names the field.</exception>
    public static long Restore(string folder, TrainedModel model, ITrainingState state)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(state);
        TrainingManifest manifest = ReadVerified(folder);
        using SafetensorsFile tensors = SafetensorsFile.Open(Path.Combine(folder, TensorsFile));
        StateReader reader = new(folder, manifest.Numbers, tensors);
        model.Visit(reader.In("model"));
        state.Visit(reader);
        reader.RequireAllRead();
        model.Restore(folder);
        return manifest.Step;
    }

    private static TrainingManifest ReadVerified(string folder)
    {
        TrainingManifest manifest = TrainingManifest.Read(folder);
        foreach ((string name, long length, string hash) in manifest.Files)
        {
            FileInfo file = new(Path.Combine(folder, name));
            if (!file.Exists)
                throw new InvalidDataException($"{file.FullName} is missing");
            if (file.Length != length)
                throw new InvalidDataException($"{file.FullName} has {file.Length} bytes, {length} were written: it is damaged");
            if (Hash(file.FullName) != hash)
                throw new InvalidDataException($"{file.FullName}: its checksum is not the one that was written: it is damaged");
        }

        return manifest;
    }

    private static string Hash(string path)
    {
        XxHash128 hash = new();
        using FileStream stream = File.OpenRead(path);
        hash.Append(stream);
        return hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);
    }

    private static void Writing(string what, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{what} could not be written: {error.Message}", error);
        }
    }
}
