using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int MostLevels = 127;   // codes of levels and their sign fit into a byte
    private const int TransposeGrain = 64;   // columns: a few cache lines of each row

    /// <summary>
    /// y = s Wᵀ + bias + residual for integer spikes s. Accumulate-only, the weights of active inputs are added or subtracted, each once
    /// whatever its level (of many binary vectors, sums of the weights of four inputs), and nothing is multiplied; the gradient of W is such a product too, of the gradient's rows by the spikes, and
    /// that of s is dense. The dense way is that of <see cref="Linear(Tensor, Tensor, Tensor?, Tensor?)"/>. For finite
    /// weights and gradients, value and gradients are the same both ways, but for the order of sums.
    /// </summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels, as from <see cref="TiLif(Tensor, int, float, float, float)"/>.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <param name="levels">D, at most 127.</param>
    /// <param name="path">How to compute it.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels] (only a dense product would not notice).</exception>
    public static Tensor SpikeLinear(
        Tensor spikes, Tensor weight, Tensor? bias = null, Tensor? residual = null, int levels = 4, SpikePath path = SpikePath.Auto) =>
        SpikeLinear(spikes, [new SpikeLayer(weight, bias, residual)], levels, path)[0];

    /// <summary>Several products of the same spikes, which are counted and encoded once for all of them; each goes its own way.</summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels.</param>
    /// <param name="layers">One or more.</param>
    /// <param name="levels">D, at most 127.</param>
    /// <param name="path">How to compute them.</param>
    /// <returns>[..., outputs] for each layer.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels] (only a dense product would not notice).</exception>
    internal static Tensor[] SpikeLinear(Tensor spikes, ReadOnlySpan<SpikeLayer> layers, int levels, SpikePath path = SpikePath.Auto)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        RequireLevels(levels);
        RequirePath(path);
        foreach ((Tensor weight, Tensor? bias, Tensor? residual) in layers)
        {
            ArgumentNullException.ThrowIfNull(weight);
            RequireFittingWeight(spikes, weight.Shape, bias);
            RequireFittingResidual(residual, spikes.Shape.WithColumns(weight.Rows));
        }

        if (spikes.Count == 0)
            path = SpikePath.Dense;   // there is nothing to encode
        if (path == SpikePath.Auto && spikes.Rows == 1)
            path = SpikePath.Dense;   // by output, the weights of an input are everywhere: all of them would be read, and moved as well

        // Whoever multiplies everything need not know what is active, and for a few outputs counting would take longer than the product.
        bool mayAccumulate = false;
        foreach (SpikeLayer layer in layers)
            mayAccumulate |= MayAccumulate(layer.Weight.Rows, path);
        CountedSpikes counts = mayAccumulate ? SpikeProduct.Count(spikes, levels) : new CountedSpikes(spikes.Count, HasNegative: true);
        var products = new SpikeOutput[layers.Length];
        for (int i = 0; i < products.Length; i++)
        {
            Tensor y = new(spikes.Shape.WithColumns(layers[i].Weight.Rows)) { IsPassedOnLater = i > 0 };
            products[i] = new SpikeOutput(layers[i], PathFor(spikes.Rows, spikes.Columns, y.Columns, levels, counts, path), y);
        }

        RunSpikeProducts(spikes, levels, counts, path, products);

        // One backward serves all products, and it is the first's: a gradient of another alone must wake it.
        foreach ((SpikeLayer layer, _, Tensor y) in products.AsSpan(1))
        {
            Tape.Record(
                y, [spikes, .. layer.Tensors], (first: products[0].Y, layer, spikes.Columns), static (s, _) => ZeroUnlessSet(s.first),
                inDouble: static (s, v) => SpikeLinearInDouble(s.layer, v, s.Columns));
        }

        return Array.ConvertAll(products, product => product.Y);
    }

    private static bool MayAccumulate(int outputs, SpikePath path) =>
        path == SpikePath.Accumulate || (path == SpikePath.Auto && outputs >= CrossoverProfile.FewestOutputs);

    private static SpikePath PathFor(int rows, int inputs, int outputs, int levels, CountedSpikes counts, SpikePath path) => path == SpikePath.Auto
        ? CrossoverProfile.Current.Choose(StorageType.Float32, rows, inputs, outputs, levels, counts.Active, counts.HasNegative)
        : path;

    /// <summary>Computes all products, and records the first with the backward pass of all.</summary>
    private static void RunSpikeProducts(Tensor spikes, int levels, CountedSpikes counts, SpikePath path, SpikeOutput[] products)
    {
        int inputs = spikes.Columns;
        using var timing = Profiler.Time(
            flops: products.Sum(product => (product.Path == SpikePath.Dense ? 2L * spikes.Count : counts.Active) * product.Y.Columns),
            bytes: products.Skip(1).Sum(product => (long)product.Y.Count * sizeof(float)), op: nameof(SpikeLinear));
        foreach ((SpikeLayer layer, _, Tensor y) in Array.FindAll(products, product => product.Path == SpikePath.Dense))
        {
            MatrixProduct.Run(
                y.Rows, y.Columns, inputs, spikes.Matrix(inputs), layer.Weight.MatrixTransposed(inputs), y.ValueMemory,
                StartOf(y, layer.Bias, layer.Residual));
        }

        SpikeOutput[] sparse = Array.FindAll(products, product => product.Path == SpikePath.Accumulate);
        if (sparse.Length > 0)
            AccumulateSpikes(spikes, SpikeBlocks.For(spikes.Rows, inputs, levels, counts.Active, counts.HasNegative), sparse);

        Tape.Record(
            products[0].Y, [spikes, .. products.SelectMany(product => product.Layer.Tensors)], (spikes, levels, counts, path, products),
            static (s, _) => SpikeLinearBackward(s.spikes, s.levels, s.counts, s.path, s.products),
            inDouble: static (s, v) => SpikeLinearInDouble(s.products[0].Layer, v, s.spikes.Columns), op: nameof(SpikeLinear));
    }

    private static void AccumulateSpikes(Tensor spikes, SpikeBlocks blocks, SpikeOutput[] products)
    {
        EncodedSpikes encoded = new(blocks, spikes.ValueMemory, out Workspace.Mark mark);
        foreach ((SpikeLayer layer, _, Tensor y) in products)
        {
            SpikeProduct.Run(
                encoded, y.Columns, layer.Weight.MatrixTransposed(spikes.Columns), y.ValueMemory, StartOf(y, layer.Bias, layer.Residual));
        }

        mark.Release();
    }

    private static void SpikeLinearBackward(Tensor spikes, int levels, CountedSpikes counts, SpikePath path, SpikeOutput[] products)
    {
        // The last first, as the tape would go through separate products: the order of sums in the spikes' gradient.
        SpikeOutput[] used = [.. products.Where(product => product.Y.HasGrad).Reverse()];
        SpikeOutput[] sparse = Array.FindAll(used, product => product.Layer.Weight.NeedsGrad && PathOfGrad(product) == SpikePath.Accumulate);
        foreach (SpikeOutput product in used)
        {
            (Tensor weight, Tensor? bias, Tensor? residual) = product.Layer;
            AddInputGrad(spikes, weight, product.Y);
            if (!sparse.Contains(product))
                AddWeightGrad(spikes, weight, product.Y);
            AddStartGrads(bias, residual, product.Y);
        }

        if (sparse.Length > 0)
            AddSpikeProducts(spikes, levels, counts, sparse);
        foreach (SpikeOutput product in products.AsSpan(1))
            product.Y.GiveGradBack();

        // Of the transposed product, in which inputs are the vectors.
        SpikePath PathOfGrad(SpikeOutput product) => PathFor(spikes.Columns, spikes.Rows, product.Y.Columns, levels, counts, path);
    }

    /// <summary>grad_W += grad_yᵀ s, as (sᵀ grad_y)ᵀ: the spikes of one input at all rows are a vector, and rows of grad_y are added.</summary>
    private static void AddSpikeProducts(Tensor spikes, int levels, CountedSpikes counts, SpikeOutput[] products)
    {
        // Gradients stay when the mark gives the rest back.
        foreach (SpikeOutput product in products)
            PrepareGrads(product.Layer.Weight);
        int rows = spikes.Rows, inputs = spikes.Columns;
        Memory<float> transposed = Workspace.RentTemporary(rows * inputs, out Workspace.Mark mark);
        RowParallel.For(inputs, TransposeGrain, (spikes, transposed, rows, inputs), static (s, start, end) => Transposed.Copy(
            s.spikes.Values[start..], s.inputs, end - start, s.rows, s.rows, s.transposed.Span[(start * s.rows)..]));
        EncodedSpikes encoded = new(SpikeBlocks.For(inputs, rows, levels, counts.Active, counts.HasNegative), transposed, out _);
        foreach ((SpikeLayer layer, _, Tensor y) in products)
            AddTransposedProduct(encoded, y, layer.Weight);
        mark.Release();
    }

    /// <summary>grad_W += (sᵀ grad_y)ᵀ</summary>
    private static void AddTransposedProduct(EncodedSpikes transposed, Tensor y, Tensor weight)
    {
        int inputs = weight.Columns, outputs = y.Columns;
        Memory<float> product = Workspace.RentTemporary(inputs * outputs, out Workspace.Mark mark);
        SpikeProduct.Run(transposed, outputs, y.GradMatrix(outputs), product, from: default);
        RowParallel.For(outputs, Grain(inputs), (product, outputs, weight), static (s, start, end) =>
            Transposed.Add(s.product.Span, s.outputs, s.weight.Grad, start, end));
        mark.Release();
    }

    private static double[] SpikeLinearInDouble(SpikeLayer layer, double[][] v, int inputs) => LinearInDouble(
        v[0], v[1], layer.Bias is null ? null : v[2], layer.Residual is null ? null : v[layer.Tensors.Length], inputs);

    /// <summary>One of several products of the same spikes.</summary>
    private readonly record struct SpikeOutput(SpikeLayer Layer, SpikePath Path, Tensor Y);
}
