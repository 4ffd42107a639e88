using SpikeEngine.Cli;

return await SpikeCommandLine.RunAsync(args, Console.Out, Console.Error);
