namespace SpikeEngine.Tests.Engine;

[Collection(Lanes.Name)]
public class StoredTensorTests
{
    public static TheoryData<StorageType> Types => [.. Enum.GetValues<StorageType>()];

    [Theory]
    [InlineData(StorageType.Float32, 4 * 105)]
    [InlineData(StorageType.BFloat16, 2 * 105)]
    [InlineData(StorageType.Float16, 2 * 105)]
    [InlineData(StorageType.Int8, 105 + 4 * 5)]
    public void ItTakesTheBytesOfItsType(StorageType type, long bytes)
    {
        var stored = StoredTensor.From(Weight(5, 3, 7), type);
        Assert.Equal(bytes, stored.Bytes);
        Assert.Equal((5, 21, new Shape(5, 3, 7)), (stored.Rows, stored.RowLength, stored.Shape));
        Assert.Equal($"{type} [5, 3, 7]", stored.ToString());
    }

    [Theory]
    [InlineData(StorageType.Float32, 0.0)]
    [InlineData(StorageType.BFloat16, 1.0 / 256)]
    [InlineData(StorageType.Float16, 1.0 / 2048)]
    public void FloatsComeBackToTheirPrecision(StorageType type, double relative) => Lanes.AtEveryWidth(() =>
    {
        Tensor weight = Weight(70, 300), back = StoredTensor.From(weight, type).ToTensor();
        for (int i = 0; i < weight.Count; i++)
        {
            float w = weight.Values[i], stored = back.Values[i];
            Assert.True(Math.Abs(w - stored) <= relative * Math.Abs(w) + 1e-7, $"{w} is {stored}");
        }
    });

    [Fact]
    public void BytesComeBackToHalfAScale() => Lanes.AtEveryWidth(() =>
    {
        Tensor weight = Weight(70, 300);
        var stored = StoredTensor.From(weight, StorageType.Int8);
        Tensor back = stored.ToTensor();
        for (int i = 0; i < weight.Count; i++)
        {
            float scale = stored.Scales[i / 300];
            Assert.True(Math.Abs(weight.Values[i] - back.Values[i]) <= 0.5001f * scale);
        }

        Assert.Equal(70, stored.Scales.Length);
        Assert.Equal(127, stored.Int8[..300].ToArray().Max(code => Math.Abs((int)code)));
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void RowsAreDecodedByThemselves(StorageType type)
    {
        var stored = StoredTensor.From(Weight(9, 13), type);
        float[] rows = new float[3 * 13];
        stored.DecodeRows(4, 3, rows);
        Assert.Equal(stored.ToTensor().SliceRows(4, 3).ToArray(), rows);
        Assert.Contains("[9, 13]", Assert.Throws<ArgumentException>(() => stored.DecodeRows(0, 2, rows)).Message, StringComparison.Ordinal);
        foreach (int start in new[] { -1, 7, 9 })
        {
            string message = Assert.Throws<ArgumentOutOfRangeException>(() => stored.DecodeRows(start, 3, rows)).Message;
            Assert.StartsWith($"3 rows from {start} on are not within [9, 13]", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void BytesOfTheLargestFloatsStayFinite() => Lanes.AtEveryWidth(() =>
    {
        Tensor back = StoredTensor.From(Tensor.From([float.MaxValue, 1f, float.MinValue], 1, 3), StorageType.Int8).ToTensor();
        Assert.InRange(back.Values[0], 0.999999f * float.MaxValue, float.MaxValue);
        Assert.Equal(-back.Values[0], back.Values[2]);
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void NoRowsGiveNoRows(StorageType type)
    {
        var stored = StoredTensor.From(Weight(9, 13), type);
        Tensor x = new(0, 13) { NeedsGrad = true };
        using Tape tape = Tape.Begin();
        Tensor y = Ops.Linear(x, stored);
        tape.Backward(Ops.Sum(y));
        Assert.Equal(new Shape(0, 9), y.Shape);
    }

    [Fact]
    public void CodesAreThoseOfTheType()
    {
        var stored = StoredTensor.From(Tensor.From([1f, -2f], 1, 2), StorageType.BFloat16);
        Assert.Equal([(ushort)0x3F80, (ushort)0xC000], stored.BFloat16.ToArray());
        Assert.True(stored.Scales.IsEmpty);
        Assert.Equal([1f, -2f], StoredTensor.From(stored.ToTensor(), StorageType.Float32).Float32.ToArray());
        Assert.Equal([(Half)1f, (Half)(-2f)], StoredTensor.From(stored.ToTensor(), StorageType.Float16).Float16.ToArray());
        Assert.Contains(
            "stored as BFloat16, not as Int8",
            Assert.Throws<InvalidOperationException>(() => stored.Int8.Length).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowThatIsNotFiniteHasNoScale()
    {
        Tensor weight = Weight(3, 4);
        weight.Values[9] = float.NaN;
        string message = Assert.Throws<ArgumentException>(() => StoredTensor.From(weight, StorageType.Int8)).Message;
        Assert.Contains("Row 2 of [3, 4]", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => StoredTensor.From(Tensor.From([1f]), StorageType.BFloat16));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void ALinearLayerIsThatOfTheDecodedWeight(StorageType type) => Lanes.AtEveryWidth(() =>
    {
        // Few rows go by dot products, many by tiles; 1,100 inputs make several blocks of the weight in the backward pass.
        foreach ((int rows, int inputs, int outputs) in new[] { (1, 5, 1), (3, 37, 70), (5, 37, 33), (40, 1_100, 300) })
        {
            var stored = StoredTensor.From(Weight(outputs, inputs), type);
            Tensor bias = Weight(outputs);
            (float[] y, float[] gradX, float[] gradBias) = Run(rows, inputs, bias, x => Ops.Linear(x, stored, bias));
            (float[] expected, float[] expectedGradX, float[] expectedGradBias) =
                Run(rows, inputs, bias, x => Ops.Linear(x, stored.ToTensor(), bias));
            FiniteDifferences.AssertClose("y", y, Array.ConvertAll(expected, v => (double)v), 1e-5);
            FiniteDifferences.AssertClose("gradient of x", gradX, Array.ConvertAll(expectedGradX, v => (double)v), 1e-5);
            Assert.Equal(expectedGradBias, gradBias);
        }
    });

    [Fact]
    public void ALinearLayerNamesShapesThatDoNotFit()
    {
        var stored = StoredTensor.From(Weight(3, 4), StorageType.Int8);
        string message = Assert.Throws<ArgumentException>(() => Ops.Linear(new Tensor(2, 5), stored)).Message;
        Assert.Contains("[3, 4]", message, StringComparison.Ordinal);
        Assert.Contains("[2, 5]", message, StringComparison.Ordinal);
    }

    private static Tensor Weight(params ReadOnlySpan<int> dims) => FiniteDifferences.Normal("weight", false, dims);

    private static (float[] Y, float[] GradX, float[] GradBias) Run(int rows, int inputs, Tensor bias, Func<Tensor, Tensor> layer)
    {
        Tensor x = FiniteDifferences.Normal("x", true, rows, inputs);
        bias.NeedsGrad = true;
        bias.Grad.Clear();
        using Tape tape = Tape.Begin();
        Tensor y = layer(x);
        FiniteDifferences.Normal("upstream", false, y.Count).Values.CopyTo(y.Grad);
        tape.Replay();
        return (y.ToArray(), x.Grad.ToArray(), bias.Grad.ToArray());
    }
}
