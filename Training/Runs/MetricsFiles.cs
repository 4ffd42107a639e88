using System.Text;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Runs;

/// <summary>
/// <c>metrics.jsonl</c> and <c>metrics.csv</c> of a run: a line for each step, in the hands of the system as soon as the step is
/// done. The JSON lines are the record; the CSV is made from them, anew whenever a column is added.
/// </summary>
internal sealed class MetricsFiles : IDisposable
{
    public const string JsonFile = "metrics.jsonl";
    public const string CsvFile = "metrics.csv";

    private readonly string _csvPath;
    private readonly List<string> _columns = ["step"];
    private readonly FileStream _json;
    private FileStream _csv;
    private MetricsLine? _last;
    private long _lastJson;
    private long _lastCsv;

    private MetricsFiles(string folder, long done)
    {
        string jsonPath = Path.Combine(folder, JsonFile);
        _csvPath = Path.Combine(folder, CsvFile);
        _json = new FileStream(jsonPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (_json.Length > 0)
        {
            // What came after the checkpoint is about to be done again, and a killed process may have left half a line.
            (long length, _lastJson) = MetricsLog.LengthUpTo(jsonPath, done);
            _json.SetLength(length);
        }

        _json.Seek(0, SeekOrigin.End);
        _csv = RewriteCsv(out _last);   // a measurement that was interrupted is made up for, and belongs to that line
    }

    /// <summary>Begins the files of a new run; older ones are replaced.</summary>
    public static MetricsFiles Create(string folder)
    {
        File.Delete(Path.Combine(folder, JsonFile));
        return new MetricsFiles(folder, 0);
    }

    /// <summary>Continues those of a run after a step: lines of later steps are cut off, so that they end up as if it had never stopped.</summary>
    public static MetricsFiles Continue(string folder, long step) => new(folder, step);

    /// <summary>Writes a step.</summary>
    public void Add(MetricsLine line)
    {
        _lastJson = _json.Position;
        Write(line);
    }

    /// <summary>Adds numbers to the step that was written last.</summary>
    public void Extend(IEnumerable<KeyValuePair<string, double>> values)
    {
        if (_last is null)
            return;
        _json.Position = _lastJson;
        _csv.Position = _lastCsv;
        Write(_last with { Values = [.. _last.Values, .. values] });
    }

    public void Dispose()
    {
        _json.Dispose();
        _csv.Dispose();
    }

    // Never cut before it is written again: the longer line covers the old one, of which a killed process leaves all or a half.
    private void Write(MetricsLine line)
    {
        _last = line;
        _json.Write(Encoding.UTF8.GetBytes(line.ToJson() + "\n"));
        _json.Flush();
        if (AddColumns(line))
        {
            _csv.Dispose();
            _csv = RewriteCsv(out _);
            return;
        }

        _lastCsv = _csv.Position;
        _csv.Write(Encoding.UTF8.GetBytes(line.ToCsv(_columns) + "\r\n"));
        _csv.Flush();
    }

    private bool AddColumns(MetricsLine line)
    {
        int before = _columns.Count;
        _columns.AddRange(line.Values.Select(v => v.Key).Where(name => !_columns.Contains(name)));
        return _columns.Count > before;
    }

    /// <summary>RFC 4180; names are words with underscores and numbers have no commas, so nothing needs quotes.</summary>
    private FileStream RewriteCsv(out MetricsLine? last)
    {
        IReadOnlyList<MetricsLine> lines = MetricsLog.Read(_json.Name).Lines;
        foreach (MetricsLine line in lines)
            AddColumns(line);
        StringBuilder text = new();
        if (_columns.Count > 1)
            text.Append(string.Join(',', _columns)).Append("\r\n");
        foreach (MetricsLine line in lines.SkipLast(1))
            text.Append(line.ToCsv(_columns)).Append("\r\n");
        _lastCsv = Encoding.UTF8.GetByteCount(text.ToString());
        if (lines.Count > 0)
            text.Append(lines[^1].ToCsv(_columns)).Append("\r\n");
        last = lines.Count > 0 ? lines[^1] : null;
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        AtomicFile.Write(_csvPath, stream => stream.Write(bytes));
        FileStream csv = new(_csvPath, FileMode.Open, FileAccess.Write, FileShare.Read);
        csv.Seek(0, SeekOrigin.End);
        return csv;
    }
}
