using SpikeEngine.Model;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model;

public class ModelTensorsTests
{
    /// <summary>The list stands beside the layers that ask for the same tensors one by one; they must agree to the last bit.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheListIsWhatTheModelAsksFor(bool unusual)
    {
        Mamba2LanguageModel usual = TinyModels.Dense();
        Mamba2Config config = unusual ? TinyModels.UnusualConfig : usual.Config;
        Mamba2LanguageModel model = new(config, ParameterStore.Random(seed: 5));
        ModelTensor[] tensors = [.. ModelTensors.Of(config)];
        Assert.Equal(model.Parameters().Select(p => p.Path), tensors.Select(t => t.Name));
        foreach (ModelTensor tensor in tensors)
        {
            Parameter parameter = model.Store[tensor.Name];
            Assert.Equal(parameter.Shape, new Shape(tensor.Dims));
            float[] values = new float[parameter.Count];
            tensor.Initializer(values, new SeededRandom(5, tensor.Name));
            Assert.Equal(parameter.Values.ToArray(), values);
        }
    }
}
