namespace SpikeEngine.Kernels;

/// <summary>
/// The decays inside one chunk of one head, shared by the forward and the backward scan. Nothing passes the start of a
/// document: decays across it are 0, and the running sum begins again at it, so that what follows keeps its precision.
/// </summary>
internal readonly ref struct SsdDecay
{
    /// <summary>[q]: where documents start; or empty.</summary>
    private ReadOnlySpan<bool> Starts { get; }

    /// <summary>[q]: dt, gathered from its column.</summary>
    internal Span<float> Dt { get; }

    /// <summary>[q]: cs_i = Σ_{t ≤ i} dt_t A; from a start on, Σ over the tokens after that start.</summary>
    internal Span<float> Cs { get; }

    /// <summary>
    /// [q]: what rounding cs_i to single precision left over. After tokens that forget, cs is in the hundreds and the
    /// differences of neighbours in the hundredths: without the rest they keep few digits.
    /// </summary>
    private Span<float> Rest { get; }

    /// <summary>[q]: exp(cs_i), the decay since the chunk's start; 0 from the first start on.</summary>
    internal Span<float> FromStart { get; }

    /// <summary>[q]: exp(cs_last - cs_i), the decay until the chunk's end; 0 before the last start.</summary>
    internal Span<float> ToEnd { get; }

    /// <summary>Takes <see cref="ScratchLength"/> floats.</summary>
    internal SsdDecay(int q, ReadOnlySpan<bool> starts, ref ScratchCutter scratch)
    {
        Starts = starts;
        Dt = scratch.Take(q);
        Cs = scratch.Take(q);
        Rest = scratch.Take(q);
        FromStart = scratch.Take(q);
        ToEnd = scratch.Take(q);
    }

    internal static int ScratchLength(int q) => 5 * q;

    /// <summary>Fills all from a column of dt.</summary>
    internal void Fill<L>(ReadOnlySpan<float> dt, int dtStride, float a)
        where L : struct, ILanes<L>
    {
        double sum = 0;
        for (int i = 0; i < Cs.Length; i++)
        {
            Dt[i] = dt[i * dtStride];
            sum = IsStart(i) ? 0 : sum + (double)Dt[i] * a;
            Cs[i] = (float)sum;
            Rest[i] = (float)(sum - Cs[i]);
        }

        int last = DocumentOf(Cs.Length - 1);
        for (int i = last; i < Cs.Length; i++)
            ToEnd[i] = (float)(sum - Cs[i] - Rest[i]);
        new UnaryForward<Exp> { X = Cs, Y = FromStart }.Run<L>();
        new UnaryForward<Exp> { X = ToEnd[last..], Y = ToEnd[last..] }.Run<L>();

        ToEnd[..last].Clear();
        int first = Starts.IndexOf(true);
        if (first >= 0)
            FromStart[first..].Clear();
    }

    /// <summary>Whether a document starts at token i: no state enters it.</summary>
    internal bool IsStart(int i) => !Starts.IsEmpty && Starts[i];

    /// <summary>row[j] = exp(cs_i - cs_j) for j ≤ i in the document of i, 0 elsewhere. Positive differences, above the diagonal, are never exponentiated.</summary>
    internal void Row<L>(int i, Span<float> row)
        where L : struct, ILanes<L>
    {
        Differences<Lanes1>(i, row, Differences<L>(i, row, 0));
        row[..DocumentOf(i)].Clear();
        row[(i + 1)..].Clear();
    }

    /// <summary>mixing[i, j] = cb[i, j] exp(cs_i - cs_j) dt_j for j ≤ i in the document of i, 0 elsewhere.</summary>
    internal void Mix<L>(ReadOnlySpan<float> cb, Span<float> mixing)
        where L : struct, ILanes<L>
    {
        int q = Cs.Length;
        for (int i = 0; i < q; i++)
        {
            Span<float> row = mixing.Slice(i * q, q);
            ReadOnlySpan<float> products = cb.Slice(i * q, q);
            Weigh<Lanes1>(products, row, i, Weigh<L>(products, row, i, 0));
            row[..DocumentOf(i)].Clear();
            row[(i + 1)..].Clear();
        }
    }

    /// <summary>First token of this chunk that is in the document of token i.</summary>
    private int DocumentOf(int i) => Starts.IsEmpty ? 0 : Math.Max(0, Starts[..(i + 1)].LastIndexOf(true));

    private int Differences<L>(int i, Span<float> row, int j)
        where L : struct, ILanes<L>
    {
        L csI = L.Splat(Cs[i]), restI = L.Splat(Rest[i]);
        for (; j <= i && j <= row.Length - L.Count; j += L.Count)
            L.Store(LaneMath.ExpOfNegative(L.Min(csI - L.Load(Cs, j) + (restI - L.Load(Rest, j)), L.Zero)), row, j);
        return j;
    }

    /// <summary>Decays, products and time steps in one pass.</summary>
    private int Weigh<L>(ReadOnlySpan<float> cb, Span<float> row, int i, int j)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> cs = Cs, rest = Rest, dt = Dt;
        L csI = L.Splat(cs[i]), restI = L.Splat(rest[i]);
        for (; j <= i && j <= row.Length - L.Count; j += L.Count)
        {
            L decay = LaneMath.ExpOfNegative(L.Min(csI - L.Load(cs, j) + (restI - L.Load(rest, j)), L.Zero));
            L.Store(decay * L.Load(cb, j) * L.Load(dt, j), row, j);
        }

        return j;
    }
}
