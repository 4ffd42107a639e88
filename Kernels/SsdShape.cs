namespace SpikeEngine.Kernels;

/// <summary>Sizes of a state-space dual layer, and where its parts lie in the rows of xBC.</summary>
/// <param name="Batch">Sequences.</param>
/// <param name="Length">Tokens in each sequence.</param>
/// <param name="Heads">Heads; each has its own decay.</param>
/// <param name="HeadDim">Channels of a head.</param>
/// <param name="Groups">Groups of heads that share B and C; head h belongs to group h / (Heads / Groups).</param>
/// <param name="State">State size of a channel (d_state).</param>
/// <param name="Chunk">Tokens that are handled as one matrix product.</param>
public readonly record struct SsdShape(int Batch, int Length, int Heads, int HeadDim, int Groups, int State, int Chunk)
{
    private const int BlocksPerGroup = 4;
    private const int EnoughTasks = 4;

    /// <summary>Channels of all heads (d_inner).</summary>
    public int Inner => Heads * HeadDim;

    /// <summary>Length of a row of xBC: x, then B, then C.</summary>
    public int RowLength => Inner + 2 * Groups * State;

    /// <summary>Heads that share one B and C.</summary>
    public int HeadsPerGroup => Heads / Groups;

    /// <summary>Chunks in a sequence; the last may be shorter.</summary>
    public int Chunks => (Length + Chunk - 1) / Chunk;

    /// <summary>Floats in the state of one head.</summary>
    public int HeadState => HeadDim * State;

    /// <summary>
    /// Blocks of heads that are independent tasks. A group is divided only when there are few sequences: its heads share
    /// the product C Bᵀ. The number follows from the shape alone, so results do not depend on threads.
    /// </summary>
    public int HeadBlocks => Batch * Groups >= EnoughTasks ? Groups : Groups * Math.Min(BlocksPerGroup, HeadsPerGroup);

    /// <summary>Group of a block of heads.</summary>
    public int GroupOf(int block) => block * Groups / HeadBlocks;

    /// <summary>First head of a block; the end of the one before.</summary>
    public int FirstHead(int block)
    {
        int perGroup = HeadBlocks / Groups;
        return block / perGroup * HeadsPerGroup + block % perGroup * HeadsPerGroup / perGroup;
    }

    /// <summary>Column of B in a row of xBC.</summary>
    public int BColumn(int group) => Inner + group * State;

    /// <summary>Column of C in a row of xBC.</summary>
    public int CColumn(int group) => Inner + (Groups + group) * State;
}
