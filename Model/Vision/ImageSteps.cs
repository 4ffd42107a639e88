namespace SpikeEngine.Model.Vision;

/// <summary>Steps that lie behind one another as images do, [T * N, C, H, W].</summary>
internal static class ImageSteps
{
    /// <summary>What is the same in each step, [N, C, H, W], once for each of them; what has all steps already as it is.</summary>
    public static Tensor Repeated(Tensor x, int images, int steps)
    {
        if (x.Shape[0] != images || steps == 1)
            return x;
        (int c, int h, int w) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        return Ops.Expand(x.Reshape(1, images * c, h, w), steps, images * c, h, w).Reshape(steps * images, c, h, w);
    }
}
