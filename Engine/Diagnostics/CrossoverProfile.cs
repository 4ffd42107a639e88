using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// When accumulating is faster than the dense product on this machine: break-even densities as <c>spike bench crossover</c> measured
/// them, kept in a JSON file under the name of the processor. Without such a file, careful figures stand in for them.
/// </summary>
public sealed class CrossoverProfile
{
    /// <summary>Name of the environment variable with another place for the file.</summary>
    public const string FileVariable = "SPIKE_CROSSOVER";

    private static readonly Lock s_gate = new();
    private static CrossoverProfile? s_current;

    // Fewer outputs than these take less than counting and encoding the spikes: dense, whatever a wider product may do.
    internal const int FewestOutputs = 64;

    // Below what registers of 256 bits were measured to do; adding bytes to one vector's sums is faster than making floats of them at any share,
    // and so is it to look up sums of four inputs, of many binary vectors.
    private static readonly CrossoverProfile s_careful = new(
    [
        new(StorageType.Float32, 1, 2048, 8512, 1, 1, 0.65), new(StorageType.Float32, 1, 2048, 8512, 4, 1, 0.65),
        new(StorageType.BFloat16, 1, 2048, 8512, 1, 1, 0.6), new(StorageType.BFloat16, 1, 2048, 8512, 4, 1, 0.6),
        new(StorageType.Float16, 1, 2048, 8512, 1, 1, 0.6), new(StorageType.Float16, 1, 2048, 8512, 4, 1, 0.6),
        new(StorageType.Int8, 1, 2048, 8512, 1, 1, 1), new(StorageType.Int8, 1, 2048, 8512, 4, 1, 1),
        new(StorageType.Float32, 512, 768, 3352, 1, 1, 0.45), new(StorageType.Float32, 512, 768, 3352, 4, 1, 0.3),
        new(StorageType.BFloat16, 512, 768, 3352, 1, 1, 0.45), new(StorageType.BFloat16, 512, 768, 3352, 4, 1, 0.3),
        new(StorageType.Float16, 512, 768, 3352, 1, 1, 0.45), new(StorageType.Float16, 512, 768, 3352, 4, 1, 0.3),
        new(StorageType.Float32, 512, 768, 3352, 1, 1, 1, Binary: true), new(StorageType.BFloat16, 512, 768, 3352, 1, 1, 1, Binary: true),
        new(StorageType.Float16, 512, 768, 3352, 1, 1, 1, Binary: true),
        new(StorageType.Int8, 512, 768, 3352, 1, 1, 0.3), new(StorageType.Int8, 512, 768, 3352, 4, 1, 0.2),
    ]);

    private readonly CrossoverPoint[] _points;

    // One vector takes other code than many, and memory bounds it; many binary ones take yet other code.
    private readonly Dictionary<(StorageType Weight, bool IsVector, bool IsBinary), CrossoverPoint[]> _kinds;

    /// <summary>A profile of measured points.</summary>
    /// <exception cref="ArgumentException">A point has a size below 1, or a break-even outside [0, 1].</exception>
    public CrossoverProfile(IEnumerable<CrossoverPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        _points = [.. points];
        foreach (CrossoverPoint point in _points)
        {
            if (point is not { Rows: > 0, Inputs: > 0, Outputs: > 0, Levels: > 0, Threads: > 0, BreakEven: >= 0 and <= 1 } || !Enum.IsDefined(point.Weight))
                throw new ArgumentException($"{point} is no point of a profile: sizes are from 1 on, and the break-even is a share.", nameof(points));
        }

        _kinds = _points.GroupBy(point => (point.Weight, point.Rows == 1, point.Binary)).ToDictionary(kind => kind.Key, kind => kind.ToArray());
    }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<CrossoverPoint> Points => _points;

    /// <summary>Where the file is: SPIKE_CROSSOVER, or in the user's folder for local application data.</summary>
    public static string FilePath =>
        Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } path
            ? path
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "SpikeEngine", "crossover.json");

    /// <summary>The name under which this machine's points are kept: the processor and the register width.</summary>
    public static string MachineKey => $"{Processor.Name}, {Simd.Lanes} lanes";

    /// <summary>
    /// The profile in use, read from the file at the first question. In <see cref="Simd.Exact"/> mode always the careful one, which is
    /// the same everywhere.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no profile.</exception>
    public static CrossoverProfile Current
    {
        get
        {
            if (Simd.Exact)
                return s_careful;
            lock (s_gate)
                return s_current ??= File.Exists(FilePath) && ReadAll(FilePath).TryGetValue(MachineKey, out CrossoverProfile? own) ? own : s_careful;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            lock (s_gate)
                s_current = value;
        }
    }

    /// <summary>What stands in for a file that is not there.</summary>
    internal static CrossoverProfile Careful => s_careful;

    /// <summary>
    /// The way that is faster, as far as is known: of the measured products that surround this one the most careful decides. Dense where
    /// nothing is known: without points of the weight's type, and for one vector without points of one vector, for many without such of many.
    /// Many binary vectors have points of their own; without such they go by those of both signs, which are slower to add. Dense as well for
    /// fewer than 64 outputs, which take less than finding the spikes does.
    /// </summary>
    /// <param name="weight">How the weight is stored.</param>
    /// <param name="rows">Vectors of spikes.</param>
    /// <param name="inputs">Length of a vector.</param>
    /// <param name="outputs">Columns of the result.</param>
    /// <param name="levels">D.</param>
    /// <param name="active">Spikes that are not 0, of rows * inputs.</param>
    /// <param name="hasNegative">Whether one is below 0, or may be.</param>
    public SpikePath Choose(StorageType weight, int rows, int inputs, int outputs, int levels, long active, bool hasNegative = true)
    {
        if (outputs < FewestOutputs)
            return SpikePath.Dense;
        CrossoverPoint[]? points = null;
        if (SpikeBlocks.MayTakeSubsets(rows, inputs, levels, hasNegative))
            _kinds.TryGetValue((weight, false, true), out points);
        if (points is null && !_kinds.TryGetValue((weight, rows == 1, false), out points))
            return SpikePath.Dense;
        return active <= BreakEven(points, new ProductSizes(rows, inputs, outputs), levels) * rows * inputs ? SpikePath.Accumulate : SpikePath.Dense;
    }

    private static double BreakEven(CrossoverPoint[] points, ProductSizes product, int levels)
    {
        int threads = NearestThreads(points), measured = NextLevels(points, threads, levels);
        double least = 1;
        foreach (CrossoverPoint point in points)
        {
            if (point.Threads == threads && point.Levels == measured && point.BreakEven < least && !HasNearer(point))
                least = point.BreakEven;
        }

        // What many vectors lose to levels grows with them; with one vector that is little beside reading the weights.
        return levels > measured && product.Rows > 1 ? least * measured / levels : least;

        bool HasNearer(CrossoverPoint point)
        {
            foreach (CrossoverPoint other in points)
            {
                if (other.Threads == threads && other.Levels == measured && other.Sizes != point.Sizes && other.Sizes.IsBetween(product, point.Sizes))
                    return true;
            }

            return false;
        }
    }

    private static int NearestThreads(CrossoverPoint[] points)
    {
        int nearest = points[0].Threads, wanted = RowParallel.Threads;
        foreach (CrossoverPoint point in points)
        {
            if (Math.Abs(point.Threads - wanted) < Math.Abs(nearest - wanted))
                nearest = point.Threads;
        }

        return nearest;
    }

    /// <summary>The fewest levels that were measured and are enough, or else the most: with more of them a break-even is lower.</summary>
    private static int NextLevels(CrossoverPoint[] points, int threads, int levels)
    {
        int next = 0;
        foreach (CrossoverPoint point in points)
        {
            if (point.Threads == threads && (next < levels ? point.Levels > next : point.Levels >= levels && point.Levels < next))
                next = point.Levels;
        }

        return next;
    }

    /// <summary>The profiles in a file, by machine.</summary>
    /// <exception cref="InvalidDataException">It is no profile.</exception>
    public static IReadOnlyDictionary<string, CrossoverProfile> ReadAll(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Dictionary<string, CrossoverPoint[]> machines = JsonSerializer.Deserialize(stream, CrossoverJson.Default.DictionaryStringCrossoverPointArray)
                ?? throw new JsonException("it is null");
            return machines.ToDictionary(machine => machine.Key, machine => new CrossoverProfile(machine.Value));
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is no profile of spike bench crossover; measure it again, or delete it. ({error.Message})", error);
        }
    }

    /// <summary>Writes profiles, by machine.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, CrossoverProfile> machines)
    {
        ArgumentNullException.ThrowIfNull(machines);
        JsonSerializer.Serialize(
            stream, machines.ToDictionary(machine => machine.Key, machine => machine.Value._points), CrossoverJson.Default.DictionaryStringCrossoverPointArray);
    }
}

/// <summary>JSON of profiles, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Dictionary<string, CrossoverPoint[]>))]
internal sealed partial class CrossoverJson : JsonSerializerContext;
