using System.Globalization;
using Pulse.Build.Engine.Wasm;
using Pulse.Build.Tests.Shared;

namespace Pulse.Workbench;

/// <summary>Commands that make modules to measure with.</summary>
internal static class MakeCommands
{
    public static Command[] All { get; } =
    [
        new("repeat FILE COPIES -o OUT", ModuleCommands.Set("-o"), ModuleCommands.Set(), Repeat),
        new($"shape {string.Join('|', ModuleShapes.Names)} SIZE -o OUT", ModuleCommands.Set("-o"), ModuleCommands.Set(), Shape),
    ];

    /// <summary>The module of <paramref name="file"/> with its functions <paramref name="copies"/> times.</summary>
    public static byte[] Repeated(string file, int copies) =>
        ModuleWriter.Write(ModuleShapes.Repeat(ModuleReader.Read(Arguments.Read(file).Bytes, file), copies));

    private static int Repeat(Arguments arguments)
    {
        if (arguments.Positional is not [var file, var copies])
        {
            throw new UsageException("repeat needs a file and a number");
        }

        return Done(arguments, Repeated(file, Number(copies)));
    }

    private static int Shape(Arguments arguments)
    {
        if (arguments.Positional is not [var shape, var size] || !ModuleShapes.Names.Contains(shape))
        {
            throw new UsageException("shape needs a shape and a size");
        }

        return Done(arguments, ModuleWriter.Write(ModuleShapes.Make(shape, Number(size))));
    }

    private static int Done(Arguments arguments, byte[] bytes)
    {
        Command.Write(arguments.Required("-o"), bytes);
        Console.WriteLine($"{bytes.Length} bytes");
        return 0;
    }

    private static int Number(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new UsageException($"{text} is not a number");
}
