using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public sealed class CrefNameTests
{
    [Theory]
    [InlineData("M:A.B.C(System.Int32)", "C")]
    [InlineData("T:System.Collections.Generic.List`1", "List")]
    [InlineData("M:System.Linq.Enumerable.Select``2(System.Func{``0,``1})", "Select")]
    [InlineData("M:System.Uri.#ctor(System.String)", "Uri")]
    [InlineData("M:System.Collections.Generic.List`1.#ctor", "List")]
    [InlineData("M:A.B.System#IDisposable#Dispose", "Dispose")]
    [InlineData("M:A.B.op_Implicit(A.B)~System.Int32", "op_Implicit")]
    [InlineData("P:A.B.Item(System.Int32)", "Item")]
    [InlineData("Overload:System.Uri.TryCreate", "TryCreate")]
    [InlineData("System.Text.Json.JsonException", "JsonException")]
    [InlineData("N:System.Xml", "System.Xml")]
    [InlineData("!:Missing", "Missing")]
    public void A_reference_is_shown_by_its_last_name(string cref, string name) => Assert.Equal(name, CrefName.Of(cref));
}
