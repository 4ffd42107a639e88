namespace SpikeEngine.Kernels;

/// <summary>
/// Where the events of many vectors of integer spikes are kept: the inputs are cut into blocks, and each vector has a slot in each
/// block for the positions of its active inputs, in runs by falling level |s|, positive before negative.
/// </summary>
/// <param name="Vectors">Number of vectors.</param>
/// <param name="Inputs">Length of a vector.</param>
/// <param name="Levels">D, the largest |s|.</param>
/// <param name="BlockLength">Inputs in a block; the last one may have fewer.</param>
public readonly record struct SpikeBlocks(int Vectors, int Inputs, int Levels, int BlockLength)
{
    // A block of weights beside 64 outputs (8 registers of 256 bits) shall stay in a first-level cache of 32 KB. Where few inputs are
    // active, or they are spread over several levels, that leaves too little work in a run: a longer block, from the second level, is faster.
    private const int ShortBlock = 128;
    private const int MediumBlock = 192;
    private const int LongBlock = 384;
    private const double Sparse = 0.25;

    // Where next to nothing is active, going through the lists of a block and starting and storing its sums take longer than adding.
    private const int LongestBlock = 768;
    private const double VerySparse = 0.12;

    // From so many vectors and active inputs on, sums of all subsets of binary inputs are made sooner than they are added one by one.
    private const int FewestVectorsOfSubsets = 128;
    private const double DenseForSubsets = 0.16;

    /// <summary>Positions that are written at once at the widest, used or not.</summary>
    internal const int WrittenTogether = 32;

    /// <summary>Registers of outputs beside a block of weights.</summary>
    internal const int Registers = 8;

    /// <summary>Columns that are worked on together at the width in use.</summary>
    public static int Columns => Registers * Simd.Lanes;

    /// <summary>Whether the spikes are binary, and so many that <see cref="SpikeSubsetMatMul{TWeight}"/> is faster: then there are no events.</summary>
    public bool TakesSubsets { get; init; }

    /// <summary>Floats that <see cref="SpikeMatMul{TWeight}"/> needs for itself at the width in use.</summary>
    public int ScratchLength => (Math.Min(BlockLength, Inputs) + 1) * Columns;

    /// <summary>Number of blocks.</summary>
    public int Blocks => (Inputs + BlockLength - 1) / BlockLength;

    /// <summary>Runs in a slot.</summary>
    public int Runs => 2 * Levels;

    /// <summary>Positions that a slot has room for: a few more than a block has inputs, since they are written up to 32 at a time.</summary>
    public int SlotLength => BlockLength + WrittenTogether;

    /// <summary>Numbers of 16 bits that all positions need.</summary>
    public int EventsLength => checked(Vectors * Blocks * SlotLength);

    /// <summary>Numbers of 16 bits that the ends of all runs need.</summary>
    public int EndsLength => checked(Vectors * Blocks * Runs);

    /// <summary>Blocks of the length that is fastest at a density: from the numbers alone, never from the processor, so that sums are the same everywhere.</summary>
    /// <param name="vectors">Number of vectors.</param>
    /// <param name="inputs">Length of a vector.</param>
    /// <param name="levels">D.</param>
    /// <param name="active">Spikes that are not 0.</param>
    /// <param name="hasNegative">Whether one is below 0, or may be.</param>
    public static SpikeBlocks For(int vectors, int inputs, int levels, long active, bool hasNegative) =>
        new(vectors, inputs, levels, (levels > 1, active < Sparse * vectors * inputs) switch
        {
            (false, false) => ShortBlock,
            (false, true) when active < VerySparse * vectors * inputs => LongestBlock,
            (true, true) => LongBlock,
            _ => MediumBlock,
        })
        {
            TakesSubsets = MayTakeSubsets(vectors, inputs, levels, hasNegative) && active >= DenseForSubsets * vectors * inputs,
        };

    /// <summary>Whether the spikes are binary, and the vectors so many, that with enough active inputs <see cref="TakesSubsets"/> holds.</summary>
    /// <param name="vectors">Number of vectors.</param>
    /// <param name="inputs">Length of a vector.</param>
    /// <param name="levels">D.</param>
    /// <param name="hasNegative">Whether one is below 0, or may be.</param>
    public static bool MayTakeSubsets(int vectors, int inputs, int levels, bool hasNegative) =>
        levels == 1 && !hasNegative && vectors >= FewestVectorsOfSubsets && inputs >= SpikeSubsetEncode.BlockInputs;

    /// <summary>Number of the slot of a vector in a block.</summary>
    internal int Slot(int block, int vector) => block * Vectors + vector;

    /// <summary>Length of a block.</summary>
    internal int Length(int block) => Math.Min(BlockLength, Inputs - block * BlockLength);
}
