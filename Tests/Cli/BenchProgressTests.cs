using System.Text;
using Spectre.Console;
using SpikeEngine.Cli;
using SpikeEngine.Cli.Bench;

namespace SpikeEngine.Tests.Cli;

public sealed class BenchProgressTests
{
    private static readonly BenchRow[] s_rows =
    [
        new() { Kernel = "dense", M = 4, K = 5, N = 6, Threads = 1 },
        new() { Kernel = "silu", M = 7, N = 8, Threads = 2 },
    ];

    [Theory]
    [InlineData(2)]
    [InlineData(null)]
    public void On_a_terminal_it_shows_what_was_measured_last(int? expected)
    {
        StringWriter screen = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new Terminal(screen),
        });

        Assert.Equal(s_rows, BenchProgress.Collect(console, expected, s_rows));
        Assert.Contains("warming up", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("dense 4x5x6 on 1 thread", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("silu 7x8 on 2 threads", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Elsewhere_it_is_silent()
    {
        StringWriter log = new();
        Assert.Equal(s_rows, BenchProgress.Collect(Consoles.For(log), 2, s_rows));
        Assert.Empty(log.ToString());
    }

    /// <summary>A screen that keeps what is written to it.</summary>
    private sealed class Terminal(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer { get; } = writer;

        public bool IsTerminal => true;

        public int Width => 120;

        public int Height => 25;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
