namespace SpikeEngine;

/// <summary>An operation made a value or a gradient that is infinite or not a number; the message says which.</summary>
public sealed class NonFiniteException(string message) : ArithmeticException(message);
