namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>A record of a zip file and where its bytes are in the file.</summary>
internal sealed record ZipRecord(string Name, long Start, long Length);
