using System.Runtime.InteropServices;

namespace SpikeEngine.Peers;

/// <summary>
/// A linear layer by oneDNN 2.x, its weights reordered ahead into the layout that oneDNN chooses. Descriptors are plain structures of
/// the library; they are kept in memory that is larger than any of them.
/// </summary>
internal sealed unsafe partial class OneDnn
{
    public const string Package = "libdnnl2";
    private const string Library = "libdnnl.so.2";
    private const int DescriptorBytes = 16_384;

    // From dnnl_types.h.
    private const int Cpu = 1;
    private const int InOrder = 1;
    private const int Float32 = 3;
    private const int AnyLayout = 1;
    private const int RowMajor = 3;
    private const int QueryWeights = 131;
    private const int ArgumentSource = 1;
    private const int ArgumentDestination = 17;
    private const int ArgumentWeights = 33;
    private static readonly nint s_allocate = -1;

    private readonly nint _stream;
    private readonly nint _product;
    private readonly Argument[] _arguments;

    /// <summary>Prepares y[m, n] = x[m, k] Wᵀ with W [n, k], for memory that stays where it is.</summary>
    public OneDnn(int m, int k, int n, float* x, float* weight, float* y)
    {
        Check(EngineCreate(out nint engine, Cpu, 0), "dnnl_engine_create");
        Check(StreamCreate(out _stream, engine, InOrder), "dnnl_stream_create");
        void* source = Descriptor(m, k, RowMajor), destination = Descriptor(m, n, RowMajor), any = Descriptor(k, n, AnyLayout);
        void* given = NativeMemory.AllocZeroed(DescriptorBytes);
        long* dims = stackalloc long[] { k, n };
        long* strides = stackalloc long[] { 1, k };
        Check(DescriptorByStrides(given, 2, dims, Float32, strides), "dnnl_memory_desc_init_by_strides");

        void* operation = NativeMemory.AllocZeroed(DescriptorBytes);
        Check(MatMulDescriptor(operation, source, any, null, destination), "dnnl_matmul_desc_init");
        Check(PrimitiveDescriptorCreate(out nint chosen, operation, 0, engine, 0), "dnnl_primitive_desc_create");
        void* packed = QueryDescriptor(chosen, QueryWeights, 0);

        nint from = Memory(given, engine, (nint)weight), to = Memory(packed, engine, s_allocate);
        Check(ReorderDescriptorCreate(out nint reorder, given, engine, packed, engine, 0), "dnnl_reorder_primitive_desc_create");
        Check(PrimitiveCreate(out nint reordering, reorder), "dnnl_primitive_create");
        Run(reordering, [new Argument(ArgumentSource, from), new Argument(ArgumentDestination, to)]);

        Check(PrimitiveCreate(out _product, chosen), "dnnl_primitive_create");
        _arguments =
        [
            new(ArgumentSource, Memory(source, engine, (nint)x)), new(ArgumentWeights, to), new(ArgumentDestination, Memory(destination, engine, (nint)y)),
        ];
    }

    /// <summary>Threads of OpenMP, which oneDNN uses.</summary>
    [LibraryImport("libgomp.so.1", EntryPoint = "omp_set_num_threads")]
    public static partial void SetThreads(int threads);

    /// <summary>The library's version.</summary>
    public static string Version
    {
        get
        {
            int* version = (int*)VersionOf();
            return $"{version[0]}.{version[1]}.{version[2]}";
        }
    }

    /// <summary>The product.</summary>
    public void Run() => Run(_product, _arguments);

    private void Run(nint primitive, Argument[] arguments)
    {
        fixed (Argument* first = arguments)
            Check(Execute(primitive, _stream, arguments.Length, first), "dnnl_primitive_execute");
        Check(Wait(_stream), "dnnl_stream_wait");
    }

    private static void* Descriptor(long rows, long columns, int layout)
    {
        void* descriptor = NativeMemory.AllocZeroed(DescriptorBytes);
        long* dims = stackalloc long[] { rows, columns };
        Check(DescriptorByTag(descriptor, 2, dims, Float32, layout), "dnnl_memory_desc_init_by_tag");
        return descriptor;
    }

    private static nint Memory(void* descriptor, nint engine, nint at)
    {
        Check(MemoryCreate(out nint memory, descriptor, engine, at), "dnnl_memory_create");
        return memory;
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
            throw new InvalidOperationException($"{function} returned {status}.");
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Argument(int which, nint memory)
    {
        public readonly int Which = which;
        public readonly nint Memory = memory;
    }

    [LibraryImport(Library, EntryPoint = "dnnl_version")]
    private static partial nint VersionOf();

    [LibraryImport(Library, EntryPoint = "dnnl_engine_create")]
    private static partial int EngineCreate(out nint engine, int kind, nuint index);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_create")]
    private static partial int StreamCreate(out nint stream, nint engine, uint flags);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_init_by_tag")]
    private static partial int DescriptorByTag(void* descriptor, int dimensions, long* dims, int type, int tag);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_desc_init_by_strides")]
    private static partial int DescriptorByStrides(void* descriptor, int dimensions, long* dims, int type, long* strides);

    [LibraryImport(Library, EntryPoint = "dnnl_matmul_desc_init")]
    private static partial int MatMulDescriptor(void* operation, void* source, void* weights, void* bias, void* destination);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_create")]
    private static partial int PrimitiveDescriptorCreate(out nint descriptor, void* operation, nint attributes, nint engine, nint hint);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_desc_query_md")]
    private static partial void* QueryDescriptor(nint descriptor, int what, int index);

    [LibraryImport(Library, EntryPoint = "dnnl_reorder_primitive_desc_create")]
    private static partial int ReorderDescriptorCreate(out nint descriptor, void* from, nint fromEngine, void* to, nint toEngine, nint attributes);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_create")]
    private static partial int PrimitiveCreate(out nint primitive, nint descriptor);

    [LibraryImport(Library, EntryPoint = "dnnl_memory_create")]
    private static partial int MemoryCreate(out nint memory, void* descriptor, nint engine, nint handle);

    [LibraryImport(Library, EntryPoint = "dnnl_primitive_execute")]
    private static partial int Execute(nint primitive, nint stream, int count, Argument* arguments);

    [LibraryImport(Library, EntryPoint = "dnnl_stream_wait")]
    private static partial int Wait(nint stream);
}
