namespace SpikeEngine;

/// <summary>What becomes of the losses of the rows.</summary>
public enum Reduction
{
    /// <summary>Their mean over the rows that count; 0 when none does.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>One loss for each row, 0 for a row that does not count.</summary>
    None,
}

/// <summary>Which distribution the expectation of a Kullback-Leibler divergence is under.</summary>
public enum KLDirection
{
    /// <summary>KL(teacher || student): the student covers what the teacher does.</summary>
    Forward,

    /// <summary>KL(student || teacher): the student keeps to what the teacher does.</summary>
    Reverse,
}
