using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public sealed class NativeSignatureTests
{
    [Theory]
    [InlineData("__m512i _mm512_add_epi8 (__m512i a, __m512i b)")]
    [InlineData("VPADDB zmm1 {k1}{z}, zmm2, zmm3/m512/m8")]
    [InlineData("VSHUFF64x2 ymm1 {k1}{z}, ymm2, ymm3/m256/m64bcst, imm8")]
    [InlineData("VBROADCASTF128, ymm, m128")]
    [InlineData("void _mm_pause (void); PAUSE")]
    [InlineData("int _mm_testc_si128 (__m128i a, __m128i b) PTEST xmm, xmm/m128")]
    [InlineData("unsigned int _bextr_u32 (unsigned int a, unsigned int start, unsigned int len)")]
    [InlineData("BEXTR r32a, reg/m32, r32b")]
    [InlineData("PMOVSXBQ xmm, m16")]
    [InlineData("int16x8_t vabsq_s16 (int16x8_t a)")]
    [InlineData("void vst1q_s32 (int32_t * ptr, int32x4_t val)")]
    [InlineData("A64: ABS Vd.8H, Vn.8H")]
    [InlineData("FABS Ztied.D, Pg/M, Zop.D")]
    [InlineData("LASTB Wtied, Pg, Wtied, Zdata.H")]
    [InlineData("PRFD op, Pg, [Xbase, #0, MUL VL]")]
    [InlineData("svint64_t svbsl_s64 BSL Ztied1.D, Ztied1.D, Zop2.D, Zop3.D")]
    [InlineData("_MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC")]
    public void Machine_language_is_known(string text) => Assert.True(NativeSignature.IsMatch(text));

    [Theory]
    [InlineData("Gets the value.")]
    [InlineData("HTTP status code 404.")]
    [InlineData("SQL Server, and others, are supported.")]
    [InlineData("A T.")]
    [InlineData("PKCS #1 v1.5.")]
    [InlineData("XML Schema. See the standard.")]
    [InlineData("The above native signature does not exist.")]
    [InlineData("This class provides access to X86 AVX512F hardware instructions via intrinsics.")]
    [InlineData("DSA key is not a valid public or private key.")]
    public void Prose_is_left_alone(string text) => Assert.False(NativeSignature.IsMatch(text));
}
