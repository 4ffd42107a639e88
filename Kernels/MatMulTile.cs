using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// The innermost loop of the matrix product: a tile of C stays in registers while the loop runs along K. The number of
/// rows follows from the registers: 32 of 512 bits hold 12 x 2 sums, two loads of B and a broadcast of A; 16 of them 6 x 2.
/// </summary>
internal static class MatMulTile
{
    /// <summary>Rows of C in a tile.</summary>
    internal static int Rows<L>()
        where L : struct, ILanes<L> => RowsAt(L.Count);

    /// <summary>Rows of C in a tile of registers of some floats.</summary>
    internal static int RowsAt(int lanes) => lanes == 16 ? 12 : 6;

    /// <summary>Rows of a smaller tile, for what is left below whole ones: 64 rows are five tiles of 12 and one of 4.</summary>
    internal const int FewRows = 4;

    /// <summary>Columns of C in a tile: two registers.</summary>
    internal static int Columns<L>()
        where L : struct, ILanes<L> => 2 * L.Count;

    /// <summary>C[rows, columns] = start + A[rows, k] · B[k, columns] for one full tile.</summary>
    /// <param name="k">Length of the sums.</param>
    /// <param name="a">First element of A's tile; element (r, i) is at r * rowStride + i * columnStride.</param>
    /// <param name="rowStride">Distance between rows of A.</param>
    /// <param name="columnStride">Distance between columns of A.</param>
    /// <param name="b">Packed panel of B: [k][columns].</param>
    /// <param name="c">First element of C's tile.</param>
    /// <param name="ldc">Distance between rows of C.</param>
    /// <param name="start">What the sums are added to, from the tile's first element on; empty for nothing. May be C itself.</param>
    /// <param name="lds">Distance between rows of the start; 0 for one row for all.</param>
    internal static void Run<L>(
        int k, ReadOnlySpan<float> a, int rowStride, int columnStride, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L>
    {
        Debug.Assert(a.Length > (Rows<L>() - 1) * rowStride + (k - 1) * columnStride, "A's tile is short");
        Debug.Assert(b.Length >= k * Columns<L>(), "B's panel is short");
        Debug.Assert(c.Length >= (Rows<L>() - 1) * ldc + Columns<L>(), "C's tile is short");
        Debug.Assert(start.IsEmpty || start.Length >= (Rows<L>() - 1) * lds + Columns<L>(), "the start's tile is short");
        FetchTile<L>(c, ldc);
        if (!start.IsEmpty && lds != 0)
            FetchTile<L>(start, lds);

        // Whole tiles of a packed A have constant distances, which cost no instructions.
        bool isPacked = rowStride == 1 && columnStride == Rows<L>();
        switch (L.Count, isPacked)
        {
            case (16, true): Packed12<L>(k, a, b, c, ldc, start, lds); break;
            case (16, false): Strided12<L>(k, a, rowStride, columnStride, b, c, ldc, start, lds); break;
            case (_, true): Packed6<L>(k, a, b, c, ldc, start, lds); break;
            case (_, false): Strided6<L>(k, a, rowStride, columnStride, b, c, ldc, start, lds); break;
        }
    }

    /// <summary>Asks for the lines of a tile, which are needed when the sums are complete: until then even memory has answered.</summary>
    private static void FetchTile<L>(ReadOnlySpan<float> c, int ldc)
        where L : struct, ILanes<L>
    {
        for (int r = 0, at = 0; r < Rows<L>(); r++, at += ldc)
        {
            Prefetch.Line(c, at);
            Prefetch.Line(c, at + L.Count);
        }
    }

    // Straight to optimised code: the profile of the first calls makes the compiler spill the sums, five times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Packed12<L>(int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L> => Tile12<L>(k, a, 1, 12, b, c, ldc, start, lds);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strided12<L>(
        int k, ReadOnlySpan<float> a, int rs, int cs, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L> => Tile12<L>(k, a, rs, cs, b, c, ldc, start, lds);

    // Straight to optimised code: the profile of the first calls makes the compiler spill the sums, five times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Packed6<L>(int k, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L> => Tile6<L>(k, a, 1, 6, b, c, ldc, start, lds);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strided6<L>(
        int k, ReadOnlySpan<float> a, int rs, int cs, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L> => Tile6<L>(k, a, rs, cs, b, c, ldc, start, lds);

    /// <summary>As <see cref="Run"/>, for a tile of <see cref="FewRows"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RunFew<L>(
        int k, ReadOnlySpan<float> a, int rowStride, int columnStride, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L>
    {
        Debug.Assert(k == 0 || a.Length > (FewRows - 1) * rowStride + (k - 1) * columnStride, "A's tile is short");
        Debug.Assert(b.Length >= k * Columns<L>(), "B's panel is short");
        Debug.Assert(c.Length >= (FewRows - 1) * ldc + Columns<L>(), "C's tile is short");
        L c00 = L.Zero, c01 = L.Zero, c10 = L.Zero, c11 = L.Zero, c20 = L.Zero, c21 = L.Zero, c30 = L.Zero, c31 = L.Zero;
        nint rs = rowStride, cs = columnStride;
        ref float a0 = ref MemoryMarshal.GetReference(a), at = ref MemoryMarshal.GetReference(b);
        ref float a3 = ref Unsafe.Add(ref a0, 3 * rs);
        for (int i = k; i > 0; i--)
        {
            L b0 = Load<L>(ref at), b1 = Load<L>(ref Unsafe.Add(ref at, L.Count));
            L x = L.Splat(a0);
            L.AddProduct(ref c00, x, b0);
            L.AddProduct(ref c01, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, rs));
            L.AddProduct(ref c10, x, b0);
            L.AddProduct(ref c11, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, 2 * rs));
            L.AddProduct(ref c20, x, b0);
            L.AddProduct(ref c21, x, b1);
            x = L.Splat(a3);
            L.AddProduct(ref c30, x, b0);
            L.AddProduct(ref c31, x, b1);
            a0 = ref Unsafe.Add(ref a0, cs);
            a3 = ref Unsafe.Add(ref a3, cs);
            at = ref Unsafe.Add(ref at, 2 * L.Count);
        }

        Put(c00, c01, c, 0, start, 0);
        Put(c10, c11, c, ldc, start, lds);
        Put(c20, c21, c, 2 * ldc, start, 2 * lds);
        Put(c30, c31, c, 3 * ldc, start, 3 * lds);
    }

    /// <summary>12 rows of two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile12<L>(
        int k, ReadOnlySpan<float> a, nint rs, nint cs, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L>
    {
        L c00 = L.Zero, c01 = L.Zero, c10 = L.Zero, c11 = L.Zero, c20 = L.Zero, c21 = L.Zero;
        L c30 = L.Zero, c31 = L.Zero, c40 = L.Zero, c41 = L.Zero, c50 = L.Zero, c51 = L.Zero;
        L c60 = L.Zero, c61 = L.Zero, c70 = L.Zero, c71 = L.Zero, c80 = L.Zero, c81 = L.Zero;
        L c90 = L.Zero, c91 = L.Zero, cA0 = L.Zero, cA1 = L.Zero, cB0 = L.Zero, cB1 = L.Zero;

        // Four row pointers and two strides address all rows: few enough to stay in registers.
        ref float a0 = ref MemoryMarshal.GetReference(a), at = ref MemoryMarshal.GetReference(b);
        ref float a3 = ref Unsafe.Add(ref a0, 3 * rs);
        ref float a6 = ref Unsafe.Add(ref a0, 6 * rs);
        ref float a9 = ref Unsafe.Add(ref a0, 9 * rs);
        for (int i = k; i > 0; i--)
        {
            L b0 = Load<L>(ref at), b1 = Load<L>(ref Unsafe.Add(ref at, L.Count));
            L x = L.Splat(a0);
            L.AddProduct(ref c00, x, b0);
            L.AddProduct(ref c01, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, rs));
            L.AddProduct(ref c10, x, b0);
            L.AddProduct(ref c11, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, 2 * rs));
            L.AddProduct(ref c20, x, b0);
            L.AddProduct(ref c21, x, b1);
            x = L.Splat(a3);
            L.AddProduct(ref c30, x, b0);
            L.AddProduct(ref c31, x, b1);
            x = L.Splat(Unsafe.Add(ref a3, rs));
            L.AddProduct(ref c40, x, b0);
            L.AddProduct(ref c41, x, b1);
            x = L.Splat(Unsafe.Add(ref a3, 2 * rs));
            L.AddProduct(ref c50, x, b0);
            L.AddProduct(ref c51, x, b1);
            x = L.Splat(a6);
            L.AddProduct(ref c60, x, b0);
            L.AddProduct(ref c61, x, b1);
            x = L.Splat(Unsafe.Add(ref a6, rs));
            L.AddProduct(ref c70, x, b0);
            L.AddProduct(ref c71, x, b1);
            x = L.Splat(Unsafe.Add(ref a6, 2 * rs));
            L.AddProduct(ref c80, x, b0);
            L.AddProduct(ref c81, x, b1);
            x = L.Splat(a9);
            L.AddProduct(ref c90, x, b0);
            L.AddProduct(ref c91, x, b1);
            x = L.Splat(Unsafe.Add(ref a9, rs));
            L.AddProduct(ref cA0, x, b0);
            L.AddProduct(ref cA1, x, b1);
            x = L.Splat(Unsafe.Add(ref a9, 2 * rs));
            L.AddProduct(ref cB0, x, b0);
            L.AddProduct(ref cB1, x, b1);
            a0 = ref Unsafe.Add(ref a0, cs);
            a3 = ref Unsafe.Add(ref a3, cs);
            a6 = ref Unsafe.Add(ref a6, cs);
            a9 = ref Unsafe.Add(ref a9, cs);
            at = ref Unsafe.Add(ref at, 2 * L.Count);
        }

        Put(c00, c01, c, 0, start, 0);
        Put(c10, c11, c, ldc, start, lds);
        Put(c20, c21, c, 2 * ldc, start, 2 * lds);
        Put(c30, c31, c, 3 * ldc, start, 3 * lds);
        Put(c40, c41, c, 4 * ldc, start, 4 * lds);
        Put(c50, c51, c, 5 * ldc, start, 5 * lds);
        Put(c60, c61, c, 6 * ldc, start, 6 * lds);
        Put(c70, c71, c, 7 * ldc, start, 7 * lds);
        Put(c80, c81, c, 8 * ldc, start, 8 * lds);
        Put(c90, c91, c, 9 * ldc, start, 9 * lds);
        Put(cA0, cA1, c, 10 * ldc, start, 10 * lds);
        Put(cB0, cB1, c, 11 * ldc, start, 11 * lds);
    }

    /// <summary>6 rows of two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile6<L>(
        int k, ReadOnlySpan<float> a, nint rs, nint cs, ReadOnlySpan<float> b, Span<float> c, int ldc, ReadOnlySpan<float> start, int lds)
        where L : struct, ILanes<L>
    {
        L c00 = L.Zero, c01 = L.Zero, c10 = L.Zero, c11 = L.Zero, c20 = L.Zero, c21 = L.Zero;
        L c30 = L.Zero, c31 = L.Zero, c40 = L.Zero, c41 = L.Zero, c50 = L.Zero, c51 = L.Zero;

        // Two row pointers and two strides address all rows: few enough to stay in registers.
        ref float a0 = ref MemoryMarshal.GetReference(a), at = ref MemoryMarshal.GetReference(b);
        ref float a3 = ref Unsafe.Add(ref a0, 3 * rs);
        for (int i = k; i > 0; i--)
        {
            L b0 = Load<L>(ref at), b1 = Load<L>(ref Unsafe.Add(ref at, L.Count));
            L x = L.Splat(a0);
            L.AddProduct(ref c00, x, b0);
            L.AddProduct(ref c01, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, rs));
            L.AddProduct(ref c10, x, b0);
            L.AddProduct(ref c11, x, b1);
            x = L.Splat(Unsafe.Add(ref a0, 2 * rs));
            L.AddProduct(ref c20, x, b0);
            L.AddProduct(ref c21, x, b1);
            x = L.Splat(a3);
            L.AddProduct(ref c30, x, b0);
            L.AddProduct(ref c31, x, b1);
            x = L.Splat(Unsafe.Add(ref a3, rs));
            L.AddProduct(ref c40, x, b0);
            L.AddProduct(ref c41, x, b1);
            x = L.Splat(Unsafe.Add(ref a3, 2 * rs));
            L.AddProduct(ref c50, x, b0);
            L.AddProduct(ref c51, x, b1);
            a0 = ref Unsafe.Add(ref a0, cs);
            a3 = ref Unsafe.Add(ref a3, cs);
            at = ref Unsafe.Add(ref at, 2 * L.Count);
        }

        Put(c00, c01, c, 0, start, 0);
        Put(c10, c11, c, ldc, start, lds);
        Put(c20, c21, c, 2 * ldc, start, 2 * lds);
        Put(c30, c31, c, 3 * ldc, start, 3 * lds);
        Put(c40, c41, c, 4 * ldc, start, 4 * lds);
        Put(c50, c51, c, 5 * ldc, start, 5 * lds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Load<L>(ref float first)
        where L : struct, ILanes<L> => L.Load(MemoryMarshal.CreateReadOnlySpan(ref first, L.Count), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<L>(L c0, L c1, Span<float> c, int at, ReadOnlySpan<float> start, int from)
        where L : struct, ILanes<L>
    {
        if (!start.IsEmpty)
        {
            c0 += L.Load(start, from);
            c1 += L.Load(start, from + L.Count);
        }

        L.Store(c0, c, at);
        L.Store(c1, c, at + L.Count);
    }
}
