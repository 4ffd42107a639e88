namespace SpikeEngine.Training.Checkpoints;

/// <summary>Saves what it is shown, or puts back what was saved. Names are unique within one checkpoint.</summary>
public interface IStateVisitor
{
    /// <summary>A count or a position.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Saved, or replaced by what was saved.</param>
    void Number(string name, ref long value);

    /// <summary>A seed or a counter of random numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Saved, or replaced by what was saved.</param>
    void Number(string name, ref ulong value);

    /// <summary>A running mean or another real number; kept to the bit.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Saved, or replaced by what was saved.</param>
    void Number(string name, ref double value);

    /// <summary>A text, such as the key of the data.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Saved, or replaced by what was saved.</param>
    void Text(string name, ref string value);

    /// <summary>A setting that a resumed run must share with the one that was saved, such as the key of the data.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">What it is now.</param>
    /// <exception cref="InvalidDataException">It was something else; the message names it.</exception>
    void Same(string name, string value);

    /// <summary>Single-precision numbers.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="values">Saved, or overwritten by what was saved.</param>
    void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values);

    /// <summary>Numbers in bfloat16, as their codes.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="codes">Saved, or overwritten by what was saved.</param>
    void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes);

    /// <summary>The same visitor with <paramref name="prefix"/> and a dot in front of every name.</summary>
    /// <param name="prefix">The part of the run that is visited.</param>
    IStateVisitor In(string prefix);
}
