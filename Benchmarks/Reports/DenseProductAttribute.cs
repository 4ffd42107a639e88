namespace SpikeEngine.Benchmarks.Reports;

/// <summary>A dense product of the sizes in its <c>Shape</c>, whose operations <see cref="SpeedColumn"/> therefore knows.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DenseProductAttribute : Attribute;
