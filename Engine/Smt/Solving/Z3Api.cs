using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>The functions of Z3's C API that the judge calls, bound to one loaded library.</summary>
internal sealed unsafe class Z3Api
{
    private readonly nint _library;

    public Z3Api(nint library)
    {
        _library = library;
        GetFullVersion = (delegate* unmanaged[Cdecl]<nint>)Export("Z3_get_full_version");
        MakeConfig = (delegate* unmanaged[Cdecl]<nint>)Export("Z3_mk_config");
        DeleteConfig = (delegate* unmanaged[Cdecl]<nint, void>)Export("Z3_del_config");
        MakeContext = (delegate* unmanaged[Cdecl]<nint, nint>)Export("Z3_mk_context");
        DeleteContext = (delegate* unmanaged[Cdecl]<nint, void>)Export("Z3_del_context");
        SetErrorHandler = (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, void>, void>)Export("Z3_set_error_handler");
        GetErrorCode = (delegate* unmanaged[Cdecl]<nint, int>)Export("Z3_get_error_code");
        GetErrorMessage = (delegate* unmanaged[Cdecl]<nint, int, nint>)Export("Z3_get_error_msg");
        MakeStringSymbol = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)Export("Z3_mk_string_symbol");
        MakeSimpleSolver = (delegate* unmanaged[Cdecl]<nint, nint>)Export("Z3_mk_simple_solver");
        MakeSolverForLogic = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("Z3_mk_solver_for_logic");
        SolverIncRef = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("Z3_solver_inc_ref");
        SolverDecRef = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("Z3_solver_dec_ref");
        SolverFromString = (delegate* unmanaged[Cdecl]<nint, nint, byte*, void>)Export("Z3_solver_from_string");
        SolverCheck = (delegate* unmanaged[Cdecl]<nint, nint, int>)Export("Z3_solver_check");
        SolverGetModel = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("Z3_solver_get_model");
        ModelToString = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("Z3_model_to_string");
        SolverGetReasonUnknown = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("Z3_solver_get_reason_unknown");
        MakeParams = (delegate* unmanaged[Cdecl]<nint, nint>)Export("Z3_mk_params");
        ParamsIncRef = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("Z3_params_inc_ref");
        ParamsSetUInt = (delegate* unmanaged[Cdecl]<nint, nint, nint, uint, void>)Export("Z3_params_set_uint");
        SolverSetParams = (delegate* unmanaged[Cdecl]<nint, nint, nint, void>)Export("Z3_solver_set_params");
        SolverGetStatistics = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("Z3_solver_get_statistics");
        StatsIncRef = (delegate* unmanaged[Cdecl]<nint, nint, void>)Export("Z3_stats_inc_ref");
        StatsSize = (delegate* unmanaged[Cdecl]<nint, nint, uint>)Export("Z3_stats_size");
        StatsGetKey = (delegate* unmanaged[Cdecl]<nint, nint, uint, nint>)Export("Z3_stats_get_key");
        StatsIsUInt = (delegate* unmanaged[Cdecl]<nint, nint, uint, byte>)Export("Z3_stats_is_uint");
        StatsGetUInt = (delegate* unmanaged[Cdecl]<nint, nint, uint, uint>)Export("Z3_stats_get_uint_value");
    }

    public delegate* unmanaged[Cdecl]<nint> GetFullVersion { get; }
    public delegate* unmanaged[Cdecl]<nint> MakeConfig { get; }
    public delegate* unmanaged[Cdecl]<nint, void> DeleteConfig { get; }
    public delegate* unmanaged[Cdecl]<nint, nint> MakeContext { get; }
    public delegate* unmanaged[Cdecl]<nint, void> DeleteContext { get; }
    public delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, void>, void> SetErrorHandler { get; }
    public delegate* unmanaged[Cdecl]<nint, int> GetErrorCode { get; }
    public delegate* unmanaged[Cdecl]<nint, int, nint> GetErrorMessage { get; }
    public delegate* unmanaged[Cdecl]<nint, byte*, nint> MakeStringSymbol { get; }
    public delegate* unmanaged[Cdecl]<nint, nint> MakeSimpleSolver { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint> MakeSolverForLogic { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, void> SolverIncRef { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, void> SolverDecRef { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, byte*, void> SolverFromString { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, int> SolverCheck { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint> SolverGetModel { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint> ModelToString { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint> SolverGetReasonUnknown { get; }
    public delegate* unmanaged[Cdecl]<nint, nint> MakeParams { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, void> ParamsIncRef { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint, uint, void> ParamsSetUInt { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint, void> SolverSetParams { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, nint> SolverGetStatistics { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, void> StatsIncRef { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, uint> StatsSize { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, uint, nint> StatsGetKey { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, uint, byte> StatsIsUInt { get; }
    public delegate* unmanaged[Cdecl]<nint, nint, uint, uint> StatsGetUInt { get; }

    /// <summary>A string that the library owns.</summary>
    public static string Text(nint pointer) => Marshal.PtrToStringUTF8(pointer) ?? "";

    /// <summary>Installed so that an error becomes a code to ask for, not the end of the process.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Ignore(nint context, int code)
    {
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
