using System.Globalization;

namespace SpikeEngine;

public partial class Tensor
{
    private const int ShownInDebugger = 6;

    /// <summary>
    /// Type, shape, whether a gradient is wanted and by which operation of the open tape it was made, and the values in nested
    /// brackets with aligned columns: up to six of an axis, else the first and last three, and of the outer axes of a tensor
    /// of rank 4 or more the first and last one.
    /// </summary>
    /// <example><code>
    /// Tensor [2, 3], needs grad (Silu):
    /// [[ 0.7311, -0.2689,  0.0000],
    ///  [ 1.7616,  0.5000, -0.1000]]
    /// </code></example>
    public override string ToString() => _region is { IsClosed: true }
        ? $"{Heading}: its step is over, the values have been taken back"
        : $"{Heading}:{(Shape.Rank < 2 ? ' ' : '\n')}{TensorText.Brackets(Shape, Values)}";

    /// <summary>One line for the debugger.</summary>
    internal string DebuggerText
    {
        get
        {
            if (_region is { IsClosed: true })
                return $"{Heading} {{ taken back }}";
            string[] head = Array.ConvertAll(
                Values[..Math.Min(ShownInDebugger, Count)].ToArray(), v => v.ToString("G5", CultureInfo.InvariantCulture));
            return $"{Heading} {{ {string.Join(", ", head)}{(Count > ShownInDebugger ? ", ..." : "")} }}";
        }
    }

    private string Heading
    {
        get
        {
            string grad = !NeedsGrad ? "" : MadeBy is { } op ? $", needs grad ({op})" : ", needs grad";
            return $"{GetType().Name} {Shape}{grad}";
        }
    }

    /// <summary>The operation of this thread's open tape whose result this is, or a view of it.</summary>
    private string? MadeBy
    {
        get
        {
            Tensor root = Root.Root;
            return Tape.Current?.Nodes.LastOrDefault(node => ReferenceEquals(node.Y, root))?.Op;
        }
    }
}
