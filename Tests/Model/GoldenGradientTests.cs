using System.Text.Json;
using SpikeEngine.Model;

namespace SpikeEngine.Tests.Model;

/// <summary>The loss and every parameter's gradient of tiny models against the golden ones, at every register width.</summary>
[Collection(Lanes.Name)]
public class GoldenGradientTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Files("B_grads", "*.safetensors").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossAndGradientsMatch(string file) => Check(file, "hf", groupedNorm: false);

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossAndGradientsMatchWithTheNormPerGroup(string file) => Check(file, "ss", groupedNorm: true);

    private static void Check(string file, string form, bool groupedNorm)
    {
        using var golden = GoldenCase.Open("B_grads", file);
        if (!golden.Has($"loss_{form}"))
            return;
        Lanes.AtEveryWidth(() =>
        {
            Mamba2LanguageModel model = new(ConfigOf(golden.Config) with { GroupedNorm = groupedNorm }, new ParameterStore(
                (path, shape, _, values) =>
                {
                    Assert.Equal(golden.Shape($"param.{path}"), shape.Dims.ToArray());
                    golden.Floats($"param.{path}").CopyTo(values);
                }));
            Assert.Equal(golden.Names.Count(name => name.StartsWith("param.", StringComparison.Ordinal)), model.Parameters().Count());

            using Tape tape = Tape.Begin();
            Tensor logits = model.Forward(golden.Tokens("input_ids"), golden.Shape("input_ids")[0]);
            Tensor loss = Ops.CrossEntropy(logits, golden.NextLabels("labels"));
            golden.AssertClose($"loss_{form}", loss.Values, golden.Tolerance.GetProperty("loss_atol").GetDouble(), rtol: 0);

            tape.Backward(loss);
            foreach (Parameter parameter in model.Parameters())
                golden.AssertCloseToMax($"grad_{form}.{parameter.Path}", parameter.Grad, golden.Tolerance.GetProperty("grad_rel_to_max").GetDouble());
        });
    }

    private static Mamba2Config ConfigOf(JsonElement config)
    {
        int Size(string name) => config.GetProperty(name).GetInt32();
        bool Flag(string name) => config.GetProperty(name).GetBoolean();
        float Limit(int index) => (float)GoldenCase.Number(config.GetProperty("time_step_limit")[index]);
        return new Mamba2Config
        {
            VocabSize = Size("vocab_size"),
            DModel = Size("hidden_size"),
            LayerCount = Size("num_hidden_layers"),
            DState = Size("state_size"),
            HeadDim = Size("head_dim"),
            GroupCount = Size("n_groups"),
            Expand = Size("expand"),
            DConv = Size("conv_kernel"),
            ChunkSize = Size("chunk_size"),
            NormEpsilon = (float)GoldenCase.Number(config.GetProperty("layer_norm_epsilon")),
            DtLimitLow = Limit(0),
            DtLimitHigh = Limit(1),
            TieEmbeddings = Flag("tie"),
            UseBias = Flag("use_bias"),
            UseConvBias = Flag("use_conv_bias"),
        };
    }
}
