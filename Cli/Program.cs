using SpikeEngine.Cli;

return await SpikeCommandLine.RunAsync(args, () => Console.In, Console.Out, Console.Error);
