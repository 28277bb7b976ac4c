// The workbench: the engine's pipelines on the command line, for tests, measurements and bug reports.
Console.Error.WriteLine("usage: workbench COMMAND …");
return 2;
