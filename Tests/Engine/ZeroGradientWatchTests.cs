namespace SpikeEngine.Tests.Engine;

public class ZeroGradientWatchTests
{
    [Fact]
    public void AParameterWithoutGradientForSomeStepsIsReportedByPath()
    {
        ParameterStore store = ParameterStore.Random(1);
        Parameter alive = store.Root.Get("alive", [3], Init.Ones), zero = (store.Root / "block" / 0).Get("zero", [3], Init.Ones);
        Parameter never = store.Root.Get("never", [3], Init.Ones), frozen = store.Root.Get("frozen", [3], Init.Ones);
        frozen.Trainable = false;
        ZeroGradientWatch watch = new(store.Parameters, steps: 3);

        for (int step = 0; step < 3; step++)
        {
            Assert.Empty(watch.Dead);
            alive.Grad[1] = 1e-30f;
            zero.Grad.Clear();
            watch.Observe();
        }

        Assert.Equal(["block.0.zero", "never"], watch.Dead);
        Assert.Empty(never.HasGrad ? ["made"] : Array.Empty<string>());
    }

    [Fact]
    public void OneStepWithAGradientStartsTheCountAgain()
    {
        ParameterStore store = ParameterStore.Random(1);
        Parameter parameter = store.Root.Get("p", [3], Init.Ones);
        ZeroGradientWatch watch = new(store.Parameters, steps: 2);

        parameter.Grad.Clear();
        Assert.Empty(watch.Observe());
        parameter.Grad[2] = -1f;
        Assert.Empty(watch.Observe());
        parameter.Grad[2] = -0f;
        Assert.Empty(watch.Observe());
        Assert.Equal(["p"], watch.Observe());
    }
}
