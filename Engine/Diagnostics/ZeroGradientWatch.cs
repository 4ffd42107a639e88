namespace SpikeEngine;

/// <summary>
/// Finds parameters that do not learn: trainable ones whose gradient is exactly zero everywhere, or was never made, for a
/// number of steps in a row. A spiking layer that no longer fires looks like that, and so does a forgotten branch.
/// </summary>
/// <param name="parameters">What to watch.</param>
/// <param name="steps">Steps in a row after which a parameter is reported.</param>
public sealed class ZeroGradientWatch(IEnumerable<Parameter> parameters, int steps = 10)
{
    private readonly Parameter[] _parameters = [.. parameters];
    private readonly Dictionary<Parameter, int> _zeroSteps = [];

    /// <summary>Paths of the parameters whose gradient has been zero everywhere in each of the last steps.</summary>
    public IReadOnlyList<string> Dead => [.. _parameters.Where(p => _zeroSteps.GetValueOrDefault(p) >= steps).Select(p => p.Path)];

    /// <summary>Looks at the gradients; call it after the backward pass of every step, before they are set to zero.</summary>
    /// <returns><see cref="Dead"/></returns>
    public IReadOnlyList<string> Observe()
    {
        foreach (Parameter parameter in _parameters)
        {
            if (parameter.Trainable)
                _zeroSteps[parameter] = IsZero(parameter) ? _zeroSteps.GetValueOrDefault(parameter) + 1 : 0;
        }

        return Dead;
    }

    private static bool IsZero(Parameter parameter) => !parameter.HasGrad || !parameter.Grad.ContainsAnyExcept(0f);
}
