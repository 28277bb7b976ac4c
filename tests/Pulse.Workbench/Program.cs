// The workbench: the engine's pipelines on the command line, for tests, measurements and bug reports.
using Pulse.Build.Engine.Diagnostics;
using Pulse.Workbench;

Command[] commands = [.. ModuleCommands.All, .. StageCommands.All, .. HotPathCommand.All, .. MakeCommands.All, .. MeasureCommand.All, .. ProveCommand.All, .. ExplainCommand.All];
var command = args.Length == 0 ? null : Array.Find(commands, c => c.Name == args[0]);
if (command is null)
{
    Console.Error.WriteLine("usage: workbench COMMAND …; a file may be @LIST, a text of one file a line");
    foreach (var known in commands)
    {
        Console.Error.WriteLine("  " + known.Usage);
    }

    return 2;
}

try
{
    return command.Run(Arguments.Parse(args.Skip(1), command.Options, command.Flags));
}
catch (UsageException usage)
{
    Console.Error.WriteLine($"{usage.Message}\nusage: {command.Usage}");
    return 2;
}
catch (DiagnosticException refusal)
{
    Console.Error.WriteLine(refusal.Diagnostic);
    return 1;
}
