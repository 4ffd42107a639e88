using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Work on a stored weight, written once for every way of storing it.</summary>
internal interface IStoredAction
{
    /// <summary>Does it.</summary>
    /// <typeparam name="TCode">How the weight is stored.</typeparam>
    /// <typeparam name="T">One number as it is stored.</typeparam>
    void Run<TCode, T>()
        where TCode : struct, IStoredCode<T>
        where T : struct;
}

/// <summary>The only place that turns a storage type into types that the compiler knows.</summary>
internal static class StoredCodes
{
    /// <summary>Runs the action with the types of a storage type.</summary>
    internal static void Run<TAction>(StorageType type, TAction action)
        where TAction : struct, IStoredAction, allows ref struct
    {
        switch (type)
        {
            case StorageType.Float32:
                action.Run<Float32Code, float>();
                break;
            case StorageType.BFloat16:
                action.Run<BFloat16Code, ushort>();
                break;
            case StorageType.Float16:
                action.Run<Float16Code, Half>();
                break;
            default:
                action.Run<Int8Code, sbyte>();
                break;
        }
    }
}
