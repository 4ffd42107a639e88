using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Training.Runs;

/// <summary>The numbers of a run survive whatever ends it, and a run that was resumed has those of one never stopped.</summary>
public sealed class MetricsFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_step_is_a_line_in_both_files()
    {
        using (var files = MetricsFiles.Create(_folder.Path))
        {
            files.Add(Line(1));
            files.Add(Line(2, loss: double.NaN));
        }

        Assert.Equal("{\"step\":1,\"loss\":0.5,\"rate\":0.001}\n{\"step\":2,\"loss\":null,\"rate\":0.001}\n", Json());
        Assert.Equal("step,loss,rate\r\n1,0.5,0.001\r\n2,,0.001\r\n", Csv());
    }

    [Fact]
    public void Lines_can_be_read_while_the_run_goes_on()
    {
        using var files = MetricsFiles.Create(_folder.Path);
        files.Add(Line(1));
        MetricsLog log = MetricsLog.Read(_folder.File(MetricsFiles.JsonFile));
        Assert.Equal(0.5, Assert.Single(log.Lines)["loss"]);
        Assert.Empty(log.Problems);
    }

    [Fact]
    public void A_measurement_joins_the_line_of_its_step_and_gets_columns()
    {
        using (var files = MetricsFiles.Create(_folder.Path))
        {
            files.Add(Line(1));
            files.Add(Line(2));
            files.Extend([new("validation_loss", 0.25)]);
            files.Add(Line(3));
            files.Add(Line(4));
            files.Extend([new("validation_loss", 0.125)]);
        }

        Assert.Equal("step,loss,rate,validation_loss\r\n1,0.5,0.001,\r\n2,0.5,0.001,0.25\r\n3,0.5,0.001,\r\n4,0.5,0.001,0.125\r\n", Csv());
        Assert.Equal([double.NaN, 0.25, double.NaN, 0.125], MetricsLog.Read(_folder.File(MetricsFiles.JsonFile)).Lines.Select(l => l["validation_loss"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"step\":5,\"lo")]
    [InlineData("{\"step\":5,\"loss\":0.5,\"rate\":0.001}")]
    public void A_resumed_run_leaves_the_files_of_one_never_stopped(string halfLine)
    {
        Write(1, 6, resumed: false);
        (string json, string csv) = (Json(), Csv());

        Write(1, 4, resumed: false);
        File.AppendAllText(_folder.File(MetricsFiles.JsonFile), halfLine);
        File.AppendAllText(_folder.File(MetricsFiles.CsvFile), "5,0.");
        Write(3, 6, resumed: true);
        Assert.Equal((json, csv), (Json(), Csv()));
    }

    [Fact]
    public void A_new_run_does_not_continue_the_files_of_an_old_one()
    {
        Write(1, 6, resumed: false);
        Write(1, 1, resumed: false);
        Assert.Single(MetricsLog.Read(_folder.File(MetricsFiles.JsonFile)).Lines);
    }

    [Fact]
    public void What_cannot_be_read_is_told_and_not_hidden()
    {
        string path = _folder.Write(MetricsFiles.JsonFile, """
            {"step":1,"loss":3}
            hello
            {"step":2,"loss":"low"}
            {"loss":2}
            {"step":3,"loss":1}
            {"step":2,"loss":1}
            {"step":4,"lo
            """);
        MetricsLog log = MetricsLog.Read(path);
        Assert.Equal([1, 3], log.Lines.Select(l => l.Step));
        Assert.Equal(
            [
                "line 2: not valid JSON", "line 3: 'loss' is not a number", "line 4: it has no step", "line 6: step 2 comes after step 3",
                "line 7, the last, is incomplete: it is being written, or the run was killed",
            ],
            log.Problems);
    }

    private void Write(long first, long last, bool resumed)
    {
        using MetricsFiles files = resumed ? MetricsFiles.Continue(_folder.Path, first - 1) : MetricsFiles.Create(_folder.Path);
        for (long step = first; step <= last; step++)
        {
            files.Add(Line(step));
            if (step % 2 == 0)
                files.Extend([new("validation_loss", 1.0 / step)]);
        }
    }

    private static MetricsLine Line(long step, double loss = 0.5) => new(step, [new("loss", loss), new("rate", 0.001)]);

    private string Json() => File.ReadAllText(_folder.File(MetricsFiles.JsonFile));

    private string Csv() => File.ReadAllText(_folder.File(MetricsFiles.CsvFile));
}
