namespace SpikeEngine.Tests;

/// <summary>
/// A trait of tests that take long and do not depend on the width of registers: files, processes, whole commands. They are run once, and left out where all tests are
/// run again on narrower registers.
/// </summary>
internal static class RunsOnce
{
    public const string Trait = "Runs", Value = "once";
}
