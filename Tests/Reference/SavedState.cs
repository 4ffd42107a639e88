using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Reference;

/// <summary>What a part of a run names as its state, kept in memory.</summary>
public sealed class SavedState
{
    public Dictionary<string, object> Values { get; } = [];

    public static SavedState Of(ITrainingState part)
    {
        SavedState saved = new();
        part.Visit(new Visitor(saved.Values, "", saves: true));
        return saved;
    }

    public void Restore(ITrainingState part) => part.Visit(new Visitor(Values, "", saves: false));

    private sealed class Visitor(Dictionary<string, object> values, string prefix, bool saves) : IStateVisitor
    {
        public void Number(string name, ref long value) => One(name, ref value);

        public void Number(string name, ref ulong value) => One(name, ref value);

        public void Number(string name, ref double value) => One(name, ref value);

        public void Text(string name, ref string value) => One(name, ref value);

        public void Same(string name, string value)
        {
            string saved = value;
            One(name, ref saved);
            if (saved != value)
                throw new InvalidDataException($"{prefix}{name} is '{saved}' in the checkpoint and '{value}' now");
        }

        public void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values) => Many(name, values);

        public void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes) => Many(name, codes);

        public IStateVisitor In(string inner) => new Visitor(values, prefix + inner + ".", saves);

        private void One<T>(string name, ref T value)
            where T : notnull
        {
            if (saves)
                values.Add(prefix + name, value);
            else
                value = (T)values[prefix + name];
        }

        private void Many<T>(string name, Memory<T> memory)
        {
            if (saves)
                values.Add(prefix + name, memory.ToArray());
            else
                ((T[])values[prefix + name]).CopyTo(memory);
        }
    }
}
