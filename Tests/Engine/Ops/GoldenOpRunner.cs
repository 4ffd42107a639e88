namespace SpikeEngine.Tests.Engine;

/// <summary>How the tables of golden operations run one case.</summary>
internal static class GoldenOpRunner
{
    /// <summary>Runs an operation on the named inputs that the file has, and compares every output and every gradient it stores.</summary>
    public static void Check(
        GoldenCase golden,
        string[] inputs,
        Func<Dictionary<string, Tensor>, (string Name, Tensor Value)[]> operation,
        double? gradRtol = null)
    {
        Dictionary<string, Tensor> tensors = inputs.Where(name => golden.Has($"in.{name}")).ToDictionary(name => name, name =>
        {
            Tensor x = Tensor.From(golden.Floats($"in.{name}"), golden.Shape($"in.{name}"));
            x.NeedsGrad = golden.Has($"grad_in.{name}");
            return x;
        });

        using Tape tape = Tape.Begin();
        foreach ((string name, Tensor value) in operation(tensors))
        {
            golden.AssertClose($"out.{name}", value.Values);
            if (golden.Has($"grad_out.{name}"))
                golden.Floats($"grad_out.{name}").CopyTo(value.Grad);
            else
                value.Grad.Fill(1f);
        }

        tape.Replay();
        foreach ((string name, Tensor x) in tensors.Where(t => t.Value.NeedsGrad))
        {
            if (gradRtol is double rtol)
                golden.AssertClose($"grad_in.{name}", x.Grad, atol: 0, rtol);
            else
                golden.AssertClose($"grad_in.{name}", x.Grad);
        }
    }

    public static float Number(GoldenCase golden, string name) => Number(golden.Config, name);

    public static float Number(System.Text.Json.JsonElement element, string name) => (float)GoldenCase.Number(element.GetProperty(name));

    public static bool Flag(GoldenCase golden, string name) => golden.Config.GetProperty(name).GetBoolean();

    public static bool[] Mask(GoldenCase golden, string name, long ignored) => Array.ConvertAll(golden.Ids(name), id => id != ignored);
}
