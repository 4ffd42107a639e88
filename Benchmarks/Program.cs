using BenchmarkDotNet.Running;
using SpikeEngine.Benchmarks;
using SpikeEngine.Benchmarks.Operations;

// Two tables that need no statistics of BenchmarkDotNet's kind; everything else is its own.
switch (args)
{
    case ["ops"]:
        OpSpeeds.Print(OpCases.All);
        break;
    case ["threads"]:
        ThreadCosts.Print(OpCases.Small);
        break;
    default:
        return AllocationLimitAttribute.Holds(BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args)) ? 0 : 1;
}

return 0;
