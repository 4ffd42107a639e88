using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public sealed class SdkDocumentationTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Each_element_of_a_member_is_a_line()
    {
        Pack("A", "10.0.1", "net10.0", "A.xml", """
            <member name="M:A.B">
              <summary>
                Adds two
                numbers.
              </summary>
              <param name="x">The first one.</param>
              <param name="y" />
              <returns>The <c>sum</c> of both.</returns>
              <exception cref="T:System.ArgumentException">One is missing.</exception>
              <remarks><para>Two.</para><para>Paragraphs.</para></remarks>
            </member>
            """);
        Assert.Equal(
            ["Adds two numbers.", "The first one.", "The sum of both.", "One is missing.", "Two. Paragraphs."], Lines());
    }

    [Theory]
    [InlineData("""Uses <see cref="M:A.B.C(System.Int32)" />.""", "Uses C.")]
    [InlineData("""A <see langword="null" /> for <paramref name="x" /> of <typeparamref name="T" />.""", "A null for x of T.")]
    [InlineData("""See <see cref="T:A.B">the class</see> there.""", "See the class there.")]
    [InlineData("""See <see href="https://example.org/" />.""", "See https://example.org/.")]
    [InlineData("Call <code>f()</code> now.", "Call f() now.")]
    [InlineData("Like this: <code>\nint x = 1;\n</code> Done.", "Like this: Done.")]
    [InlineData("<list type=\"bullet\"><item><term>One</term><description>first</description></item><item>two</item></list>",
        "One first two")]
    [InlineData("One<br/>two.", "One two.")]
    [InlineData("a &lt; b &amp;&amp; c", "a < b && c")]
    [InlineData("One <!-- two --> three.", "One three.")]
    public void Markup_becomes_the_words_a_reader_sees(string xml, string line)
    {
        Pack("A", "10.0.1", "net10.0", "A.xml", $"""<member name="T:A"><summary>{xml}</summary></member>""");
        Assert.Equal([line], Lines());
    }

    [Fact]
    public void Empty_and_one_word_lines_are_dropped_and_so_are_doubles()
    {
        Pack("A", "10.0.1", "net10.0", "A.xml", """
            <member name="T:A"><summary>  </summary><remarks>Word</remarks><value>Two words.</value></member>
            <member name="T:B"><summary>Two words.</summary></member>
            """);
        Assert.Equal(["Two words."], Lines());
    }

    [Fact]
    public void Machine_instructions_are_dropped_and_the_prose_beside_them_stays()
    {
        Pack("A", "10.0.1", "net10.0", "A.xml", """
            <member name="M:A">
              <summary>
                <para>__m512i _mm512_add_epi8 (__m512i a, __m512i b)</para>
                <para>VPADDB zmm1 {k1}{z}, zmm2, zmm3/m512/m8</para>
                <para>The above native signature does not exist.</para>
              </summary>
            </member>
            """);
        Assert.Equal(["The above native signature does not exist."], Lines());
    }

    [Fact]
    public void Only_the_newest_file_of_a_name_is_read()
    {
        foreach ((string version, string framework) in ((string, string)[])
            [("9.0.10", "net9.0"), ("10.0.2", "net10.0"), ("10.0.2", "netstandard2.1"), ("10.0.10-preview.1", "net10.0"), ("10.0.10", "net10.0")])
        {
            Pack("A", version, framework, "A.xml", $"""<member name="T:A"><summary>Version {version} {framework}</summary></member>""");
        }

        Pack("Shared", "9.0.0", "net9.0", "A.xml", """<member name="T:A"><summary>The old copy.</summary></member>""");
        Assert.Equal(["Version 10.0.10 net10.0"], Lines());
    }

    [Fact]
    public void Translations_are_not_read()
    {
        Pack("A", "10.0.1", "net10.0", "A.xml", """<member name="T:A"><summary>An example.</summary></member>""");
        Pack("A", "10.0.1", "net10.0", "de/B.xml", """<member name="T:A"><summary>Ein Beispiel.</summary></member>""");
        Assert.Equal(["An example."], Lines());
    }

    [Fact]
    public void Files_are_read_in_the_order_of_their_names()
    {
        Pack("A", "10.0.1", "net10.0", "b.xml", """<member name="T:A"><summary>The third.</summary></member>""");
        Pack("A", "10.0.1", "net10.0", "B.xml", """<member name="T:A"><summary>The second.</summary></member>""");
        Pack("B", "10.0.1", "net10.0", "A.xml", """<member name="T:A"><summary>The first.</summary></member>""");
        Assert.Equal(["The first.", "The second.", "The third."], Lines());
    }

    [Fact]
    public void Without_documentation_the_message_says_where_it_looked_and_what_else_to_do()
    {
        var e = Assert.Throws<FileNotFoundException>(() => Lines());
        Assert.Contains(_root.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("--text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        _root.Write("packs/A/10.0.1/ref/net10.0/A.xml", "<doc><members>");
        var e = Assert.Throws<InvalidDataException>(() => Lines());
        Assert.Contains("A.xml", e.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Lines() => SdkDocumentation.ReadLines([_root.Path]);

    private void Pack(string pack, string version, string framework, string file, string members) => _root.Write(
        $"packs/{pack}/{version}/ref/{framework}/{file}",
        $"""<?xml version="1.0"?><doc><assembly><name>A</name></assembly><members>{members}</members></doc>""");
}
