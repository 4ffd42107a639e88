using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnit;
using SpikeEngine.Kernels;
using SpikeEngine.Model;
using SpikeEngine.Training;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace SpikeEngine.Tests;

/// <summary>Kernels ← Engine ← Model ← Training ← Cli: imports point one way.</summary>
public class ArchitectureTests
{
    private static readonly Assembly[] s_layers =
        [typeof(ISimdKernel).Assembly, typeof(Tensor).Assembly, typeof(Mamba2Config).Assembly, typeof(Trainer).Assembly, Assembly.Load("spike")];

    private static readonly Architecture s_architecture =
        new ArchLoader().LoadAssembliesIncludingDependencies([.. s_layers], recursive: false).Build();

    public static TheoryData<string, string> Upwards
    {
        get
        {
            TheoryData<string, string> pairs = [];
            for (int lower = 0; lower < s_layers.Length; lower++)
            {
                foreach (Assembly upper in s_layers[(lower + 1)..])
                    pairs.Add(s_layers[lower].GetName().Name!, upper.GetName().Name!);
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Upwards))]
    public void ALayerKnowsNothingOfThoseAbove(string lower, string upper)
    {
        Assembly below = s_layers.Single(a => a.GetName().Name == lower), above = s_layers.Single(a => a.GetName().Name == upper);
        Types().That().ResideInAssembly(below).Should().NotDependOnAny(Types().That().ResideInAssembly(above)).Check(s_architecture);
        Assert.DoesNotContain(below.GetReferencedAssemblies(), name => name.Name == upper);
    }

    [Fact]
    public void KernelsHaveNoThreads()
    {
        Assert.True(HasNoThreads(typeof(ISimdKernel).Assembly));
        Assert.False(HasNoThreads(typeof(Tensor).Assembly), "the rule does not even see the engine's threads");
    }

    private static bool HasNoThreads(Assembly assembly) =>
        Types().That().ResideInAssembly(assembly)
            .Should().NotDependOnAnyTypesThat().ResideInNamespaceMatching(@"^System\.Threading").HasNoViolations(s_architecture);
}
