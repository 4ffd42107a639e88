using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using SpikeEngine.Benchmarks;
using SpikeEngine.Benchmarks.Data;
using SpikeEngine.Benchmarks.Operations;
using SpikeEngine.Benchmarks.Reports;

// Tables that need no statistics of BenchmarkDotNet's kind, and a document of what `spike bench` measured; everything else is its own.
switch (args)
{
    case ["ops"]:
        OpSpeeds.Print(OpCases.All);
        return 0;
    case ["threads"]:
        ThreadCosts.Print(OpCases.Small);
        return 0;
    case ["data", .. string[] rest]:
        return DataCommand.Run(rest, Console.Out, Console.Error);
    case ["results", .. string[] rest]:
        return ResultsCommand.Run(rest, Console.Out, Console.Error);
}

Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new BenchmarkConfig())];
if (summaries.Length > 0)
    ConsoleLogger.Default.WriteLine(MachineCard.Current.ToMarkdown());
return AllocationLimitAttribute.Holds(summaries) ? 0 : 1;
