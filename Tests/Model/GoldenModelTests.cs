using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model;

/// <summary>Whole models from their Hugging Face files against the golden logits, states and tokens, at every register width.</summary>
[Collection(Lanes.Name)]
public class GoldenModelTests
{
    public static TheoryData<string> Models =>
        [.. Directory.GetDirectories(GoldenFiles.Folder("A_models")).Where(IsModel).Select(folder => Path.GetFileName(folder)).Order()];

    [Fact]
    public void ThereAreModels() => Assert.NotEmpty(Models);

    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsMatch(string name)
    {
        using GoldenModel golden = new(name);
        Lanes.AtEveryWidth(() =>
        {
            foreach (string prefix in golden.Expected.Names.Where(n => n.EndsWith("input_ids", StringComparison.Ordinal)).Select(n => n[..^"input_ids".Length]))
            {
                int[] ids = golden.Expected.Tokens(prefix + "input_ids");
                Tensor logits = golden.Model.Forward(ids, golden.Expected.Shape(prefix + "input_ids")[0]);
                golden.AssertLogits(prefix + "logits_hf", logits.Values);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsMatchWithTheNormPerGroup(string name)
    {
        using GoldenModel golden = new(name);
        if (!golden.Expected.Has("logits_ss"))
            return;
        Mamba2LanguageModel grouped = new(golden.Model.Config with { GroupedNorm = true }, ParameterStore.CopyOf(golden.Model.Store));
        Lanes.AtEveryWidth(() => golden.AssertLogits("logits_ss", grouped.Forward(golden.Ids, golden.Batch).Values));
    }

    /// <summary>Every other form of the weights on disk, each by its own convention of the gated norm.</summary>
    public static TheoryData<string, string> OtherForms
    {
        get
        {
            TheoryData<string, string> forms = [];
            foreach (string form in new[] { "ss", "hf_sharded" })
            {
                foreach (string model in GoldenFiles.ModelNames(form))
                    forms.Add(model, form);
            }

            return forms;
        }
    }

    [Theory]
    [MemberData(nameof(OtherForms))]
    public void LogitsMatchInEveryFileForm(string name, string form)
    {
        using GoldenModel golden = new(name, form);
        golden.AssertLogits(form == "ss" ? "logits_ss" : "logits_hf", golden.Model.Forward(golden.Ids, golden.Batch).Values);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void TheResidualStreamMatches(string name)
    {
        using GoldenModel golden = new(name);
        if (!golden.Expected.Has("hidden_hf.embed"))
            return;
        Lanes.AtEveryWidth(() =>
        {
            ForwardTrace trace = new();
            golden.Model.Forward(golden.Ids, golden.Batch, trace: trace);
            Tensor residual = Ops.Embedding(golden.Model.Embedding, golden.Ids, golden.Batch, golden.Length);
            golden.AssertLogits("hidden_hf.embed", residual.Values);
            golden.AssertLogits("layer0_mixer_hf.out", trace.BlockOutputs[0].Values);
            for (int layer = 0; layer < trace.BlockOutputs.Count; layer++)
            {
                residual = Ops.Add(residual, trace.BlockOutputs[layer]);
                golden.AssertLogits($"hidden_hf.layer{layer}", residual.Values);
            }

            golden.AssertLogits("hidden_hf.final_norm", golden.Model.NormF.Forward(residual).Values);
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void StatesMatchAfterPrefillAndAtTheEnd(string name)
    {
        using GoldenModel golden = new(name);
        Lanes.AtEveryWidth(() =>
        {
            Mamba2State state = new(golden.Model.Config, golden.Batch);
            golden.Model.Forward(golden.Columns(0, golden.Prefill), golden.Batch, state);
            golden.AssertStates("after_prefill", state);

            // The rest at once, from the state of the first part.
            Tensor logits = golden.Model.Forward(golden.Columns(golden.Prefill, golden.Length), golden.Batch, state);
            golden.AssertLogits("decode_logits_hf", logits.Values);
            golden.AssertStates("end", state);
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void DecodingTokenByTokenMatches(string name)
    {
        using GoldenModel golden = new(name);
        Mamba2Decoder decoder = new(golden.Model);
        Lanes.AtEveryWidth(() =>
        {
            List<float> logits = [];
            for (int sequence = 0; sequence < golden.Batch; sequence++)
            {
                DecoderSession session = decoder.NewSession();
                ReadOnlyMemory<int> ids = golden.Ids.AsMemory(sequence * golden.Length, golden.Length);
                session.Prefill(ids[..golden.Prefill]);
                foreach (int token in ids[golden.Prefill..].Span)
                    logits.AddRange(session.Step(token));
                golden.AssertSequenceStates("end", (Mamba2State)session.State, sequence);
            }

            golden.AssertLogits("decode_logits_hf", logits.ToArray());
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GreedyDecodingGivesTheSameTokens(string name)
    {
        using GoldenModel golden = new(name);
        Mamba2Decoder decoder = new(golden.Model);
        int[] expected = golden.Expected.Tokens("greedy_ids_hf");
        Lanes.AtEveryWidth(() =>
        {
            DecoderSession session = decoder.NewSession();
            List<int> tokens = [Sampler.ArgMax(session.Prefill(golden.Expected.Tokens("greedy_prompt")))];
            while (tokens.Count < expected.Length)
                tokens.Add(Sampler.ArgMax(session.Step(tokens[^1])));
            Assert.Equal(expected, tokens);
        });
    }

    private static bool IsModel(string folder) =>
        File.Exists(Path.Combine(folder, "expected.safetensors")) && File.Exists(Path.Combine(folder, "hf", ModelFolder.WeightsFile));

    /// <summary>A model and what is expected of it.</summary>
    private sealed class GoldenModel : IDisposable
    {
        public GoldenModel(string name, string form = "hf")
        {
            string folder = Path.Combine(GoldenFiles.Folder("A_models"), name);
            Model = ModelFolder.Load<Mamba2LanguageModel>(Path.Combine(folder, form));
            Expected = new GoldenCase(Path.Combine(folder, "expected.safetensors"));
            Ids = Expected.Tokens("input_ids");
            Batch = Expected.Shape("input_ids")[0];
            Prefill = Expected.Config.GetProperty("prefill").GetInt32();
        }

        public Mamba2LanguageModel Model { get; }

        public GoldenCase Expected { get; }

        public int[] Ids { get; }

        public int Batch { get; }

        public int Length => Ids.Length / Batch;

        public int Prefill { get; }

        /// <summary>Positions [start, end) of every sequence.</summary>
        public int[] Columns(int start, int end) =>
            [.. Enumerable.Range(0, Batch).SelectMany(b => Ids[(b * Length + start)..(b * Length + end)])];

        public void AssertLogits(string tensor, ReadOnlySpan<float> actual) =>
            Expected.AssertClose(tensor, actual, Tolerance("logits_atol"), Tolerance("logits_rtol"));

        public void AssertStates(string when, Mamba2State state)
        {
            for (int layer = 0; layer < Model.Config.LayerCount; layer++)
            {
                Expected.AssertClose($"conv_state_{when}.{layer}", state.ConvTensor(layer).Values, Tolerance("state_atol"), rtol: 0);
                Expected.AssertClose($"ssm_state_{when}.{layer}", state.SsmStates(layer).Values, Tolerance("state_atol"), rtol: 0);
            }
        }

        /// <summary>The state of one sequence against its part of the batch's.</summary>
        public void AssertSequenceStates(string when, Mamba2State state, int sequence)
        {
            for (int layer = 0; layer < Model.Config.LayerCount; layer++)
            {
                AssertPart($"conv_state_{when}.{layer}", state.ConvTensor(layer).Values, sequence);
                AssertPart($"ssm_state_{when}.{layer}", state.SsmStates(layer).Values, sequence);
            }
        }

        public void Dispose() => Expected.Dispose();

        private void AssertPart(string tensor, ReadOnlySpan<float> part, int sequence)
        {
            float[] all = Expected.Floats(tensor);
            part.CopyTo(all.AsSpan(sequence * part.Length));
            Expected.AssertClose(tensor, all, Tolerance("state_atol"), rtol: 0);
        }

        private double Tolerance(string key) => Expected.Tolerance.GetProperty(key).GetDouble();
    }
}
