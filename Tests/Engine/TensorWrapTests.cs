using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using CommunityToolkit.HighPerformance;

namespace SpikeEngine.Tests.Engine;

/// <summary>From the types of other libraries: Wrap shares the memory, From copies it.</summary>
public class TensorWrapTests
{
    [Fact]
    public void ADenseTensorIsShared()
    {
        Tensor<float> source = System.Numerics.Tensors.Tensor.Create<float>([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        var tensor = SpikeEngine.Tensor.Wrap(source);
        Assert.Equal(new Shape(2, 3), tensor.Shape);
        source[1, 2] = 60f;
        tensor.Values[0] = 10f;
        Assert.Equal((60f, 10f), (tensor.Values[5], source[0, 0]));
        Assert.Equal(60f, tensor.AsReadOnlyTensorSpan()[1, 2]);
    }

    [Fact]
    public unsafe void ADenseSliceIsSharedFromItsStart()
    {
        Tensor<float> whole = System.Numerics.Tensors.Tensor.Create<float>([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        var row = SpikeEngine.Tensor.Wrap(whole.Slice([1..2, 0..3]));
        Assert.Equal([4f, 5f, 6f], row.ToArray());
        row.Values[0] = 40f;
        Assert.Equal((1f, 40f), (whole[0, 0], whole[1, 0]));
        using System.Buffers.MemoryHandle handle = row.ValueMemory[1..].Pin();
        Assert.Equal(5f, *(float*)handle.Pointer);
    }

    [Fact]
    public void TheSourceLivesAsLongAsTheTensor()
    {
        (SpikeEngine.Tensor tensor, WeakReference source) = Wrapped();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.True(source.IsAlive);
        Assert.Equal([1f, 2f], tensor.ToArray());
    }

    [Fact]
    public void ItsMemoryCanBePinned()
    {
        Tensor<float> source = System.Numerics.Tensors.Tensor.Create<float>([1f, 2f, 3f], [3]);
        Memory<float> memory = SpikeEngine.Tensor.Wrap(source).ValueMemory[1..];
        using (memory.Pin())
        using (memory.Pin())
            memory.Span[0] = 20f;
        Assert.Equal(20f, source[1]);
    }

    [Fact]
    public void ASliceIsRefusedAndCanBeCopied()
    {
        Tensor<float> source = System.Numerics.Tensors.Tensor.Create<float>([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        Tensor<float> slice = source.Slice([0..2, 1..3]);
        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => SpikeEngine.Tensor.Wrap(slice)).Message, StringComparison.Ordinal);
        var copy = SpikeEngine.Tensor.From(slice.AsReadOnlyTensorSpan());
        Assert.Equal(new Shape(2, 2), copy.Shape);
        Assert.Equal([2f, 3f, 5f, 6f], copy.ToArray());
        copy.Values[0] = 9f;
        Assert.Equal(2f, source[0, 1]);
    }

    [Fact]
    public void AMatrixOfTheRuntimeIsShared()
    {
        float[,] source = { { 1f, 2f }, { 3f, 4f } };
        var tensor = SpikeEngine.Tensor.Wrap(source);
        source[1, 1] = 40f;
        tensor.Values[0] = 10f;
        Assert.Equal((40f, 10f), (tensor.Values[3], source[0, 0]));

        var copy = SpikeEngine.Tensor.From(source);
        source[0, 1] = 20f;
        Assert.Equal([10f, 2f, 3f, 40f], copy.ToArray());
    }

    [Fact]
    public void ContiguousRowsAreSharedAndOthersCopied()
    {
        float[] array = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        Memory2D<float> whole = array.AsMemory().AsMemory2D(3, 4);
        SpikeEngine.Tensor.Wrap(whole).Values[11] = 110f;
        Assert.Equal(110f, array[11]);

        Memory2D<float> part = whole[0..2, 1..3];
        Assert.Contains("[2, 2]", Assert.Throws<ArgumentException>(() => SpikeEngine.Tensor.Wrap(part)).Message, StringComparison.Ordinal);
        Assert.Equal([1f, 2f, 5f, 6f], SpikeEngine.Tensor.From(part.Span).ToArray());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (SpikeEngine.Tensor Tensor, WeakReference Source) Wrapped()
    {
        Tensor<float> source = System.Numerics.Tensors.Tensor.Create<float>([1f, 2f], [2]);
        return (SpikeEngine.Tensor.Wrap(source), new WeakReference(source));
    }
}
