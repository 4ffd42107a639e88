using System.Text.Json;
using System.Text.Json.Nodes;
using SpikeEngine.Cli;
using SpikeEngine.Tests.Model.Vision;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike train</c> on images, <c>classify</c>, and <c>reproduce --system snn2ann</c>, from end to end.</summary>
[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class ImageCommandsTests : IDisposable
{
    private static readonly string[] s_shapes =
        ["train", "--preset", "digits", "--data", "shapes", "--set", "data.batch_size=32", "schedule.name=constant", "schedule.warmup_share=0.01"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ann")]
    [InlineData("snn2ann")]
    [InlineData("bptt")]
    public async Task A_network_is_trained_and_classifies(string method)
    {
        string run = _folder.File(method), model = Path.Combine(run, "model");
        (int code, string output, string error) = await Spike([.. s_shapes, "--steps", "60", "--set", $"method.name={method}", "--out", run]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("images/s", output, StringComparison.Ordinal);
        Assert.Contains($"spike classify --model {model}", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "run.json")));

        (code, output, error) = await Spike("classify", "--model", model, "--data", "shapes", "--json");
        Assert.Equal((0, ""), (code, error));
        JsonNode document = JsonNode.Parse(output)!;
        Assert.InRange(document["accuracy"]!.GetValue<double>(), 40, 100);
        if (method == "ann")
        {
            Assert.Null(document["spike_rate"]);
            Assert.Empty(document["sites"]!.AsArray());
        }
        else
        {
            Assert.Equal(document["sites"]!.AsArray().Count + 1, document["layers"]!.AsArray().Count);
            Assert.InRange(document["spike_rate"]!.GetValue<double>(), 0.001, 1);
        }

        Assert.True(document["dense_nj"]!.GetValue<double>() > 0);

        (code, output, _) = await Spike("classify", "--model", model, "--data", "shapes");
        Assert.Equal(0, code);
        Assert.Contains("energy of an image", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ann_is_made_to_spike()
    {
        string run = _folder.File("ann"), ann = Path.Combine(run, "model"), few = _folder.File("few"), many = _folder.File("many");
        Assert.Equal(0, (await Spike([.. s_shapes, "--steps", "60", "--set", "method.name=ann", "--out", run])).Code);
        (int code, string output, string error) = await Spike("balance", "--model", ann, "--data", "shapes", "--time-steps", "2", "--out", few);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"spike classify --model {few}", output, StringComparison.Ordinal);
        Assert.Equal(0, (await Spike("balance", "--model", ann, "--data", "shapes", "--time-steps", "48", "--percentile", "1", "--out", many)).Code);
        double dense = await Accuracy(ann);
        Assert.InRange(await Accuracy(many), dense - 10, 100);
        Assert.True(await Accuracy(few) < await Accuracy(many));

        await Refuses("spikes already", few, _folder.File("other"));
        await Refuses("is the model itself", ann, ann);
        Directory.CreateSymbolicLink(_folder.File("link"), run);
        await Refuses("is the model itself", Path.Combine(_folder.File("link"), "model"), ann);
        await Refuses("is the folder of a run; its model is", run, _folder.File("other"));
        await Refuses("holds the model", ann, run);
        Assert.Equal(2, (await Spike("balance", "--model", ann, "--data", "shapes", "--time-steps", "0", "--out", many)).Code);
        Assert.Equal(2, (await Spike("balance", "--model", ann, "--data", "shapes", "--time-steps", "1025", "--out", many)).Code);
        Assert.Equal(2, (await Spike("balance", "--model", ann, "--data", "shapes", "--time-steps", "4", "--percentile", "0", "--out", many)).Code);

        async Task<double> Accuracy(string model) =>
            JsonNode.Parse((await Spike("classify", "--model", model, "--data", "shapes", "--json")).Output)!["accuracy"]!.GetValue<double>();

        async Task Refuses(string message, string model, string target)
        {
            (int code, _, string error) = await Spike("balance", "--model", model, "--data", "shapes", "--time-steps", "4", "--out", target);
            Assert.Equal(1, code);
            Assert.Contains(message, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_goes_on_and_its_settings_repeat_it()
    {
        string run = _folder.File("run");
        Assert.Equal(0, (await Spike([.. s_shapes, "--steps", "10", "--out", run])).Code);
        (int code, string output, string error) = await Spike("train", "--resume", "--out", run, "--steps", "20");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("continues after step 10", output, StringComparison.Ordinal);
        Assert.Contains("training.steps 10 -> 20", output, StringComparison.Ordinal);

        (code, output, error) = await Spike("report", run);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("images/s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("tokens", output, StringComparison.Ordinal);

        string once = _folder.File("once");
        Assert.Equal(0, (await Spike([.. s_shapes, "--steps", "20", "--out", once])).Code);
        Assert.Equal(File.ReadAllBytes(Path.Combine(once, "model", "model.safetensors")), File.ReadAllBytes(Path.Combine(run, "model", "model.safetensors")));
    }

    [Fact]
    public async Task A_report_shows_what_an_image_comes_to_while_its_file_is_there()
    {
        string images = _folder.Write("shapes.csv", string.Join('\n', Enumerable.Range(0, 100).Select(i => string.Join(',', Enumerable.Range(0, 64).Select(p => (i * p) % 17).Append(i % 10)))));
        string run = _folder.File("run"), page = Path.Combine(run, "report.html");
        Assert.Equal(0, (await Spike("train", "--preset", "digits", "--data", images, "--steps", "2", "--out", run)).Code);
        Assert.Equal(0, (await Spike("report", run)).Code);
        string html = await File.ReadAllTextAsync(page);
        Assert.Contains("spikes of the first layer, a row for each step", html, StringComparison.Ordinal);
        Assert.Contains("data:image/bmp;base64,", html, StringComparison.Ordinal);

        File.Delete(images);
        Assert.Equal(0, (await Spike("report", run)).Code);
        html = await File.ReadAllTextAsync(page);
        Assert.DoesNotContain("data:image/bmp", html, StringComparison.Ordinal);
        Assert.Contains("No pictures of spikes of", html, StringComparison.Ordinal);
        Assert.Contains("shapes.csv", html, StringComparison.Ordinal);

        // Images of CIFAR in their place.
        await File.WriteAllBytesAsync(_folder.File("other.bin"), new byte[20 * 3_073]);
        string settings = Path.Combine(run, "run.json");
        await File.WriteAllTextAsync(settings, (await File.ReadAllTextAsync(settings)).Replace("shapes.csv", "other.bin", StringComparison.Ordinal));
        Assert.Equal(0, (await Spike("report", run)).Code);
        html = await File.ReadAllTextAsync(page);
        Assert.DoesNotContain("data:image/bmp", html, StringComparison.Ordinal);
        Assert.Contains("The images are [3, 32, 32]", html, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(run, "model", "config.json"), "{ torn");
        Assert.Equal(0, (await Spike("report", run)).Code);
        Assert.Contains("the configuration is not valid JSON", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_study_compares_four_ways_and_shows_the_spikes()
    {
        string study = _folder.File("study");
        string[] args = ["reproduce", "--system", "snn2ann", "--budget", "0.01", "--out", study, "--set", "data.batch_size=100"];
        (int code, string output, string error) = await Spike(args);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("SNN2ANN over back-propagation through time", output, StringComparison.Ordinal);
        JsonNode summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(study, "study.json")))!;
        JsonNode[] rows = [.. summary["rows"]!.AsArray().Select(row => row!)];
        Assert.Equal(["ann", "snn2ann", "bptt", "bptt-equal", "converted-8", "converted-32", "converted-128"], rows.Select(row => row["row"]!["name"]!.GetValue<string>()));
        Assert.Equal([1, 5, 8, 5, 8, 32, 128], rows.Select(row => row["row"]!["time_steps"]!.GetValue<int>()));
        Assert.All(rows, row => Assert.True(row["training_s"]!.GetValue<double>() > 0 && row["training_bytes"]!.GetValue<long>() > 0 && row["energy_nj"]!.GetValue<double>() > 0));
        Assert.Null(rows[0]["spike_rate"]);
        Assert.All(rows[1..], row => Assert.InRange(row["spike_rate"]!.GetValue<double>(), 1e-4, 1));

        string page = await File.ReadAllTextAsync(Path.Combine(study, "study.html"));
        Assert.Contains("What an image comes to", page, StringComparison.Ordinal);
        Assert.Contains("data:image/bmp;base64,", page, StringComparison.Ordinal);

        Assert.Equal(0, (await Spike("classify", "--model", Path.Combine(study, "runs", "converted-8", "model"), "--data", "shapes")).Code);

        // Continued where a process died between a training and its result: the same memory.
        long bytes = rows[2]["training_bytes"]!.GetValue<long>();
        File.Delete(Path.Combine(study, "results", "bptt.json"));
        Assert.Equal(0, (await Spike(args)).Code);
        summary = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(study, "study.json")))!;
        Assert.Equal(bytes, summary["rows"]![2]!["training_bytes"]!.GetValue<long>());

        // Done already: the same figures again, and another study is refused.
        (_, output, _) = await Spike(args);
        (code, string again, _) = await Spike(args);
        Assert.Equal(0, code);
        Assert.Equal(Table(output), Table(again));
        (code, _, error) = await Spike([.. args, "--seed", "7"]);
        Assert.Equal(1, code);
        Assert.Contains("begun with other data, settings or seeds", error, StringComparison.Ordinal);
        (code, _, error) = await Spike("reproduce", "--system", "bispikclm", "--budget", "1", "--out", study);
        Assert.Equal(1, code);
        Assert.Contains("is no plan of a study of language models", error, StringComparison.Ordinal);

        static string Table(string text) => text[text.IndexOf("Four ways", StringComparison.Ordinal)..];
    }

    [Theory]
    [InlineData("network.shape", "--set", "network.shape=lenet")]
    [InlineData("is for language models", "--set", "model.d_model=3")]
    [InlineData("gone.bin", "--set", "data.train=gone.bin")]
    [InlineData("training.ema", "--set", "training.ema=0.9")]
    [InlineData("training.activation_checkpointing", "--set", "training.activation_checkpointing=true")]
    [InlineData("data.crop", "--set", "data.crop=-1")]
    [InlineData("A crop of 8", "--set", "data.crop=8")]
    [InlineData("data.normalization", "--set", "data.normalization=cifar")]
    [InlineData("data.batch_size", "--set", "data.batch_size=100000")]
    [InlineData("is for language models", "--model", "x")]
    [InlineData("'method.unit' cannot be used here: it means nothing to the method \"bptt\"", "--set", "method.name=bptt", "method.unit=stsu")]
    [InlineData("'method.surrogate'", "--set", "method.surrogate=sigmoid")]
    [InlineData("'network.time_steps'", "--set", "method.name=ann", "network.time_steps=8")]
    [InlineData("'network.membrane_dropout'", "--set", "method.name=bptt", "network.membrane_dropout=0.2")]
    [InlineData("the shape \"resnet-small\" does not pool inside", "--set", "network.shape=resnet-small", "network.pooling=average")]
    [InlineData("the shape \"vgg-tiny\" has no block of two convolutions", "--set", "network.shape=vgg-tiny", "network.dropout=0.2")]
    public async Task What_is_wrong_is_named(string name, params string[] options)
    {
        (int code, _, string error) = await Spike([.. s_shapes, .. options, "--steps", "1", "--out", _folder.File("run")]);
        Assert.Equal(1, code);
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_for_language_models_say_that_a_network_is_none_and_the_other_way_round()
    {
        string model = Directory.CreateDirectory(_folder.File("model")).FullName;
        SpikeEngine.Model.Vision.ImageModelFolder.Save(model, TinyImages.Network(TinyImages.Vgg));
        foreach (string[] args in (string[][])
        [
            ["info", "--model", model], ["verify", "--model", model], ["generate", "--model", model, "--prompt", "x"], ["convert", "--model", model, "--out", _folder.File("out")],
            ["energy", "--model", model, "--text", _folder.Write("text.txt", "some words")],
        ])
        {
            (int code, _, string error) = await Spike(args);
            Assert.Equal(1, code);
            Assert.Contains("snn2ann", error, StringComparison.Ordinal);
            Assert.Contains("spike classify", error, StringComparison.Ordinal);
        }

        (int other, _, string message) = await Spike("classify", "--model", model, "--data", "shapes");
        Assert.Equal(1, other);
        Assert.Contains("The images are [1, 8, 8] of 6 classes", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--tasks", "--system", "snn2ann", "--tasks", "x")]
    [InlineData(2, "--preset", "--system", "bispikclm", "--preset", "mnist")]
    [InlineData(1, "method.name", "--system", "snn2ann", "--set", "method.name=ann")]
    [InlineData(1, "network.shape", "--system", "snn2ann", "--set", "network.shape=x")]
    public async Task A_study_refuses_what_means_nothing_to_it(int expected, string name, params string[] options)
    {
        (int code, _, string error) = await Spike(["reproduce", "--out", _folder.File("study"), .. options]);
        Assert.Equal(expected, code);
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Seeds_of_a_study_hold_out_the_same_images()
    {
        ImageRunConfig one = ImageRunConfig.Read(null, RunFlag.OfTexts("", "preset", "digits"), RunFlag.OfTexts("", "data.train", "shapes")), other = one with { Seed = 9 };
        Assert.Equal(ImageTrainRun.Sets(one).Validation.Key, ImageTrainRun.Sets(other).Validation.Key);
        Assert.Equal(ImageTrainRun.Sets(one).Train.Key, ImageTrainRun.Sets(other).Train.Key);
    }

    [Fact]
    public async Task A_folder_that_is_no_model_of_images_is_told_from_one_that_is()
    {
        string run = _folder.File("run");
        Assert.Equal(0, (await Spike([.. s_shapes, "--steps", "1", "--out", run])).Code);
        Assert.Contains("its model is", (await Spike("classify", "--model", run, "--data", "shapes")).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await Spike("classify", "--model", _folder.File("gone"), "--data", "shapes")).Error, StringComparison.Ordinal);
        string language = Directory.CreateDirectory(_folder.File("language")).FullName;
        SpikeEngine.Model.Checkpoints.ModelFolder.Save(language, TinyModels.Dense());
        Assert.Contains("spike eval", (await Spike("classify", "--model", language, "--data", "shapes")).Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Spike("train", "--preset", "mnist", "--data", _folder.Write("text.txt", "no image"), "--out", _folder.File("other"))).Code);
    }

    [Fact]
    public void The_guide_has_every_setting()
    {
        string guide = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Examples", "SNN2ANN.md"));
        using var settings = JsonDocument.Parse(ImageRunPresets.Of(ImageRunPresets.Names[0]).ToJson());
        foreach (string section in (string[])["network", "method", "data"])
        {
            foreach (JsonProperty setting in settings.RootElement.GetProperty(section).EnumerateObject())
                Assert.Contains($"`{section}.{setting.Name}`", guide, StringComparison.Ordinal);
        }

        foreach (string preset in ImageRunPresets.Names)
            Assert.Contains($"`{preset}`", guide, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Spike(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
