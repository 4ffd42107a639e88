using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A loss of logits x Wᵀ, and its gradients, without ever holding all logits: those of some rows are made, turned into losses and at once
/// into gradients, and forgotten.
/// </summary>
internal abstract class BlockwiseLoss
{
    // Rows whose logits are there at a time: with a few thousand classes they stay in a cache, and a product of that many sums is efficient.
    private const int MostRows = 256;

    /// <summary>Makes room for the gradients that are wanted, under a tape.</summary>
    /// <param name="x">[rows, inputs]</param>
    /// <param name="weight">[classes, inputs]</param>
    protected BlockwiseLoss(Tensor x, Tensor weight)
    {
        (X, Weight) = (x, weight);
        GradX = Workspace.Rent(Tape.IsRecording && x.NeedsGrad ? x.Count : 0);
        GradWeight = Workspace.Rent(Tape.IsRecording && weight.NeedsGrad ? weight.Count : 0);
    }

    /// <summary>[rows, inputs]</summary>
    public Tensor X { get; }

    /// <summary>[classes, inputs]</summary>
    public Tensor Weight { get; }

    /// <summary>Gradient of the loss by x, or empty.</summary>
    public Memory<float> GradX { get; }

    /// <summary>Gradient of the loss by the weight, or empty.</summary>
    public Memory<float> GradWeight { get; }

    /// <summary>Whether gradients are wanted.</summary>
    protected bool Differentiates => !GradX.IsEmpty || !GradWeight.IsEmpty;

    /// <summary>Rows of a block.</summary>
    protected int BlockRows => Math.Min(MostRows, X.Rows);

    /// <summary>All blocks.</summary>
    public void Run()
    {
        int inputs = X.Columns, classes = Weight.Rows, block = BlockRows;
        Memory<float> logits = Workspace.RentTemporary(checked(block * classes), out Workspace.Mark mark);
        Begin();
        Memory<float> forward = Workspace.RentTemporary(PackPanels.Length(inputs, classes), out _);
        MatrixProduct.Pack(Weight.MatrixTransposed(inputs), inputs, classes, forward);
        Memory<float> backward = Workspace.RentTemporary(GradX.IsEmpty ? 0 : PackPanels.Length(classes, inputs), out _);
        if (!GradX.IsEmpty)
            MatrixProduct.Pack(Weight.Matrix(inputs), classes, inputs, backward);

        for (int first = 0; first < X.Rows; first += block)
        {
            int rows = Math.Min(block, X.Rows - first);
            MatrixView x = new(X.ValueMemory[(first * inputs)..], new MatrixLayout(inputs, Transposed: false));
            MatrixView grad = new(logits, new MatrixLayout(classes, Transposed: false));
            MatrixProduct.TimesPacked(rows, classes, inputs, x, forward, logits, default);
            LossesOf(first, rows, logits);
            if (!GradX.IsEmpty)
                MatrixProduct.TimesPacked(rows, inputs, classes, grad, backward, GradX[(first * inputs)..], default);
            if (!GradWeight.IsEmpty)
                MatrixProduct.Run(classes, inputs, rows, grad.Transpose, x, GradWeight, accumulate: first > 0);
        }

        mark.Release();
    }

    /// <summary>Takes the memory that a block needs beside its logits; it is given back after the last.</summary>
    protected abstract void Begin();

    /// <summary>Losses of some rows; when gradients are wanted, their logits become those of the whole loss.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="logits">[rows, classes]</param>
    protected abstract void LossesOf(int first, int rows, Memory<float> logits);
}
