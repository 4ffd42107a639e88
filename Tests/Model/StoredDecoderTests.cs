using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

/// <summary>A decoder with weights in fewer bytes computes what the model would with the numbers that those bytes stand for.</summary>
[Collection(Lanes.Name)]
public class StoredDecoderTests
{
    private const int Length = 40;
    private const double StepTolerance = 1e-3;   // bytes meet one vector in 16 bits

    public static TheoryData<StorageType, StorageType?, bool> Kinds
    {
        get
        {
            TheoryData<StorageType, StorageType?, bool> kinds = [];
            foreach (StorageType type in Enum.GetValues<StorageType>())
            {
                kinds.Add(type, null, false);
                kinds.Add(type, null, true);
            }

            kinds.Add(StorageType.BFloat16, StorageType.Int8, false);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void StepsAndPrefillAreTheModelWithRoundedWeights(StorageType type, StorageType? head, bool spiking) => Lanes.AtEveryWidth(() =>
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        Mamba2LanguageModel rounded = new(model.Config, ParameterStore.CopyOf(model.Store));
        foreach (ModelTensor tensor in ModelTensors.Of(model.Config).Where(tensor => tensor.IsMatrix))
        {
            Parameter parameter = rounded.Store[tensor.Name];
            StorageType kept = tensor.Name == ModelTensors.Embedding ? head ?? type : type;
            StoredTensor.From(parameter, kept).ToTensor().Values.CopyTo(parameter.Values);
        }

        SpikingConfig? neurons = spiking ? new SpikingConfig { Threshold = 0.7f } : null;
        if (neurons is not null)
            rounded = rounded.ToSpikingStudent(neurons);
        int[] ids = TinyModels.Tokens(Length, model.Config.VocabSize);
        Tensor expected = rounded.Forward(ids, batch: 1);

        Mamba2Decoder decoder = new(model, new DecoderOptions { Weights = type, Head = head, Spiking = neurons });
        Close.Assert(expected.Values, decoder.Forward(ids, batch: 1).Values);
        DecoderSession session = decoder.NewSession();
        for (int t = 0; t < Length; t++)
            Close.Assert(expected.Values.Slice(t * expected.Columns, expected.Columns), session.Step(ids[t]), StepTolerance);
    });

    [Fact]
    public void TrainingDoesNotChangeADecoder()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        Mamba2Decoder decoder = new(model);
        float[] before = decoder.NewSession().Step(3).ToArray();
        foreach (Parameter parameter in model.Parameters())
            parameter.Values.Fill(0.5f);
        Assert.Equal(before, decoder.NewSession().Step(3).ToArray());
    }
}
