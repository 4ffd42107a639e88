using System.Globalization;

namespace SpikeEngine;

/// <summary>What a gradient check found.</summary>
/// <param name="Passed">Whether every element is within the tolerance.</param>
/// <param name="Elements">Gradient elements that were looked at.</param>
/// <param name="Worst">The element with the largest error.</param>
public sealed record GradientCheckResult(bool Passed, int Elements, GradientCheckElement Worst)
{
    /// <summary>One line: the verdict and the worst element.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Passed ? "passed" : "FAILED")}, {Elements} gradient elements; worst: {Worst}");

    /// <summary>Throws unless the check passed.</summary>
    /// <exception cref="InvalidOperationException">It did not; the message names the worst element.</exception>
    public void ThrowIfFailed()
    {
        if (!Passed)
            throw new InvalidOperationException($"Gradient check {this}");
    }
}

/// <summary>One number that a gradient check has compared.</summary>
/// <param name="Name">Path of a parameter, "input k", or "value of OP".</param>
/// <param name="Shape">Shape of the tensor.</param>
/// <param name="Index">Position of the element on every axis.</param>
/// <param name="Actual">What the engine has.</param>
/// <param name="Expected">What the differences, or the double form, give.</param>
/// <param name="Error">|actual - expected| / (1 + |expected|)</param>
public sealed record GradientCheckElement(string Name, Shape Shape, IReadOnlyList<int> Index, double Actual, double Expected, double Error)
{
    /// <summary>As in <c>input 0 [2, 3] at [1, 2]: 0.5, expected 0.25 (error 2.0e-1)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} {Shape} at [{string.Join(", ", Index)}]: {Actual:R}, expected {Expected:R} (error {Error:E1})");
}
