namespace SpikeEngine.Tests.Model.Text;

/// <summary>A test against a file too big to be kept beside the tests: skipped unless SPIKE_REFERENCE_DIR, or shared/reference beside the project, has it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReferenceFactAttribute : FactAttribute
{
    public ReferenceFactAttribute(string file)
    {
        File = file;
        if (!System.IO.File.Exists(Path.Combine(TokenizerVectors.ReferenceFolder ?? "", file)))
            Skip = $"needs the file {file} in the folder that SPIKE_REFERENCE_DIR names, or in shared/reference beside the project";
    }

    public string File { get; }
}
