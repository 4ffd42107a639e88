using System.Text.RegularExpressions;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Tells prose from the machine's language: the documentation of the intrinsics consists of C signatures
/// (<c>__m512i _mm512_add_epi8 (__m512i a, __m512i b)</c>) and instructions (<c>VPADDB zmm1 {k1}{z}, zmm2, zmm3/m512</c>).
/// </summary>
internal static partial class NativeSignature
{
    public static bool IsMatch(string text) => CSignature().IsMatch(text) || Instruction().IsMatch(text);

    /// <summary>A vector type, or a return type and the name of an intrinsic: <c>svint64_t svbsl_s64</c>.</summary>
    [GeneratedRegex(@"\b__m(\d|mask)|^(const )?(unsigned )?\w+( \*|\*)* _\w+ ?\(|^\w+_t \w+|\w+_t \* ?\w+|^(void|bool|float|double) sv\w+")]
    private static partial Regex CSignature();

    /// <summary>An instruction set before a colon, or a mnemonic with the operands of x86 (<c>zmm1</c>,
    /// <c>m32</c>) or ARM (<c>Zresult.D</c>, <c>Pg/M</c>, <c>Vd.8H</c>).</summary>
    [GeneratedRegex(@"^A(32|64): |^_MM_\w+ \||"
        + @"^[A-Z][A-Z0-9.x]+,? (\{|\[|#imm|op,|([xyz]mm|k|r|m|mm|imm|reg)\d*[ab]?\b|"
        + @"(Z[a-z]+|[BDHPQRSVWX]([a-z]|op|tied|result|base))\d*[./,+])")]
    private static partial Regex Instruction();
}
