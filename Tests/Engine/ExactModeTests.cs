using System.IO.Hashing;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using SpikeEngine.Kernels;
using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Engine;

/// <summary>In exact mode no bit depends on the register width, and the hashes below say that none depends on the instruction set.</summary>
[Collection(Lanes.Name)]
public class ExactModeTests
{
    public static TheoryData<string> Names => OpTable.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void AnOperationHasTheSameBitsAtEveryWidth(string name) => BitsAtEveryWidth(() => OpTableTests.Bits(name));

    [Theory]
    [InlineData("usual", 2872654621521651546)]
    [InlineData("unusual", 17745559639754231779)]
    public void TrainingDistillationAndDecodingHaveTheSameBitsEverywhere(string kind, ulong hash)
    {
        Mamba2Config config = kind == "usual" ? TinyModels.Config : TinyModels.UnusualConfig;
        float[][] bits = BitsAtEveryWidth(() =>
        {
            Mamba2LanguageModel teacher = TinyModels.Dense(config), student = TinyModels.Student(teacher, compensation: 0.25f);
            Train(new LanguageModelObjective(teacher, Batches(teacher)));
            Train(new DistillationObjective(teacher, student, Batches(teacher), new DistillationOptions { CrossEntropyWeight = 0.5f, Compensation = 0.25f }));
            return [.. TinyModels.Values(teacher), .. TinyModels.Values(student), Decode(teacher), Decode(student)];
        });

        Assert.All(bits, values => Assert.All(values, value => Assert.True(float.IsFinite(value))));
        Assert.Equal(hash, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(bits.SelectMany(values => values).ToArray().AsSpan())));
    }

    [Fact]
    public void AKernelWhoseLanesMeetMustSayThatTheyDo() => Lanes.ExactAtEveryWidth(() =>
    {
        if (Simd.Lanes < 16)
            Assert.Throws<InvalidOperationException>(() => Simd.Run(default(Forgetful)));
    });

    /// <summary>The C library behind MathF has code for several processors, and so have reductions of the runtime.</summary>
    [Fact]
    public void NoSingleComesFromCodeThatDependsOnTheProcessor()
    {
        string[] types = ["MathF", "Single", "TensorPrimitives"];
        string[] arithmetic =
        [
            "Exp", "ExpM1", "Log", "LogP1", "Log2", "Log10", "Pow", "Cbrt", "Sin", "Cos", "Tan", "Sinh", "Cosh", "Tanh", "Asin", "Acos", "Atan", "Atan2",
            "FusedMultiplyAdd", "MultiplyAddEstimate", "ReciprocalEstimate", "ReciprocalSqrtEstimate", "Sum", "SumOfSquares", "Dot", "Norm", "SoftMax",
        ];
        foreach (Type layer in new[] { typeof(ISimdKernel), typeof(Tensor), typeof(Mamba2Config), typeof(Trainer) })
        {
            using PEReader file = new(File.OpenRead(layer.Assembly.Location));
            MetadataReader reader = file.GetMetadataReader();
            IEnumerable<string> called = from handle in reader.MemberReferences
                                         let member = reader.GetMemberReference(handle)
                                         where member.Parent.Kind == HandleKind.TypeReference
                                         let type = reader.GetString(reader.GetTypeReference((TypeReferenceHandle)member.Parent).Name)
                                         let name = reader.GetString(member.Name)
                                         where types.Contains(type) && arithmetic.Contains(name)
                                         select $"{type}.{name}";
            Assert.Empty(called);
        }
    }

    /// <summary>What a function returns in exact mode: the same bits at every width.</summary>
    private static float[][] BitsAtEveryWidth(Func<float[][]> function)
    {
        float[][]? first = null;
        Lanes.ExactAtEveryWidth(() =>
        {
            float[][] result = function();
            first ??= result;
            Assert.Equal(first.Select(Bits), result.Select(Bits));
        });
        return first!;

        static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
    }

    private static void Train(Objective objective) =>
        TinyModels.Train(objective, new TrainerOptions { Steps = 3, LearningRate = 1e-2f, ClipNorm = 0.5f });

    private static TokenBatches Batches(Mamba2LanguageModel model) => TinyModels.Batches(model.Config, batch: 2, length: 37);

    private static float[] Decode(Mamba2LanguageModel model)
    {
        DecoderSession session = new Mamba2Decoder(model).NewSession();
        int[] ids = TinyModels.Tokens(24, model.Config.VocabSize);
        List<float> logits = [.. session.Prefill(ids.AsMemory(0, 19)).ToArray()];
        foreach (int id in ids[19..])
            logits.AddRange(session.Step(id));
        return [.. logits];
    }

    private readonly struct Forgetful : ISimdKernel
    {
        public void Run<L>()
            where L : struct, ILanes<L> => L.Sum(L.One);
    }
}
