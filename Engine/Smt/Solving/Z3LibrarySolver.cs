using System.Text;
using Pulse.Build.Engine.Smt.Text;

namespace Pulse.Build.Engine.Smt.Solving;

/// <summary>Z3 in process. Every query gets a context of its own: only then is the count of work the same each time.</summary>
internal sealed unsafe class Z3LibrarySolver : ISolver
{
    private readonly Z3Api _api;

    public Z3LibrarySolver(nint library, string path)
    {
        _api = new Z3Api(library);
        Path = path;
        Version = Z3Api.Text(_api.GetFullVersion());
    }

    public string Version { get; }

    public string Path { get; }

    public SolverAnswer Check(SmtQuery query, uint limit)
    {
        var config = _api.MakeConfig();
        var context = _api.MakeContext(config);
        _api.DeleteConfig(config);
        try
        {
            _api.SetErrorHandler(context, &Z3Api.Ignore);
            return Check(context, query, limit);
        }
        finally
        {
            _api.DeleteContext(context);
        }
    }

    private SolverAnswer Check(nint context, SmtQuery query, uint limit)
    {
        // Integers: the plain solver; the logic's own tactic is a thousand times slower. Bits: the logic's solver.
        var solver = query.Logic == "QF_BV" ? _api.MakeSolverForLogic(context, Symbol(context, query.Logic)) : _api.MakeSimpleSolver(context);
        _api.SolverIncRef(context, solver);
        var parameters = _api.MakeParams(context);
        _api.ParamsIncRef(context, parameters);
        _api.ParamsSetUInt(context, parameters, Symbol(context, "rlimit"), limit);
        _api.SolverSetParams(context, solver, parameters);
        fixed (byte* text = Encoding.UTF8.GetBytes(query.Text + '\0'))
        {
            _api.SolverFromString(context, solver, text);
        }

        if (_api.GetErrorCode(context) is var error and not 0)
        {
            return Unknown(0, "Z3 does not read the formula: " + Z3Api.Text(_api.GetErrorMessage(context, error)));
        }

        var result = _api.SolverCheck(context, solver);
        var work = Work(context, solver);
        if (result == 0 || _api.GetErrorCode(context) != 0)
        {
            return Unknown(work, Z3Api.Text(_api.SolverGetReasonUnknown(context, solver)));
        }

        var model = result == 1 ? ModelParser.Arrows(Z3Api.Text(_api.ModelToString(context, _api.SolverGetModel(context, solver)))) : ModelParser.Empty;
        return new SolverAnswer(result == 1 ? SolverVerdict.Satisfiable : SolverVerdict.Unsatisfiable, work, model, "");
    }

    private static SolverAnswer Unknown(long work, string reason) => new(SolverVerdict.Unknown, work, ModelParser.Empty, reason);

    private nint Symbol(nint context, string name)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            return _api.MakeStringSymbol(context, text);
        }
    }

    private long Work(nint context, nint solver)
    {
        var statistics = _api.SolverGetStatistics(context, solver);
        _api.StatsIncRef(context, statistics);
        var size = _api.StatsSize(context, statistics);
        for (uint i = 0; i < size; i++)
        {
            if (Z3Api.Text(_api.StatsGetKey(context, statistics, i)) == "rlimit count" && _api.StatsIsUInt(context, statistics, i) != 0)
            {
                return _api.StatsGetUInt(context, statistics, i);
            }
        }

        return 0;
    }
}
