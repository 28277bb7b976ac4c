using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Pulse.Build.Engine.Diagnostics;
using Pulse.Build.Engine.Pipelines;

namespace Pulse.Build.Tasks;

/// <summary>Stage 3: <c>optimized.wasm</c> → object, linked image, hex, map, listing, header.</summary>
[MSBuildMultiThreadableTask]
public sealed class LowerToThumb : StageTask
{
    private const string Automatic = "auto";

    private InputFile? _module;
    private InputFile? _provenance;

    /// <summary>The optimised module.</summary>
    [Required]
    public string Module { get; set; } = "";

    /// <summary>Its provenance.</summary>
    [Required]
    public string Provenance { get; set; } = "";

    /// <summary>Processor.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>Board with its memory map and vector names.</summary>
    public string Board { get; set; } = "";

    /// <summary><c>software</c>, <c>mpu</c> or <c>none</c>.</summary>
    public string BoundsChecks { get; set; } = "software";

    /// <summary><c>balanced</c>, <c>size</c> or <c>speed</c>.</summary>
    public string Mode { get; set; } = "balanced";

    /// <summary><c>firmware</c> or <c>object</c>.</summary>
    public string OutputKind { get; set; } = "firmware";

    /// <summary>Vectors, each with the <c>Export</c> that handles it.</summary>
    public ITaskItem[] InterruptHandlers { get; set; } = [];

    /// <summary>Objects to link; refused by name.</summary>
    public ITaskItem[] NativeObjects { get; set; } = [];

    /// <summary>The export that the reset code calls.</summary>
    public string Entry { get; set; } = "run";

    /// <summary>Bytes of flash before the image.</summary>
    public string FlashOffset { get; set; } = "0";

    /// <summary>Bytes at the end of RAM that start-up leaves as they are.</summary>
    public string NoInitBytes { get; set; } = "0";

    /// <summary>RAM besides the board's: ORIGIN:BYTES, separated by semicolons.</summary>
    public string ExtraRam { get; set; } = "";

    /// <summary>Whether a CRC stands behind the image.</summary>
    public string ImageCrc { get; set; } = "false";

    /// <summary>Bytes of RAM for the machine stack, or <c>auto</c> for what the calls can take.</summary>
    public string StackSize { get; set; } = Automatic;

    /// <summary><c>halt</c>, <c>reset</c>, <c>on-fault</c> or <c>semihosting-exit</c>.</summary>
    public string Faults { get; set; } = "halt";

    /// <summary><c>shared</c> or <c>exact</c>.</summary>
    public string Traps { get; set; } = "shared";

    /// <summary>Base name of the outputs.</summary>
    public string Name { get; set; } = "firmware";

    /// <inheritdoc/>
    protected override void ReadInputs()
    {
        if (NativeObjects is [var refused, ..])
        {
            throw new DiagnosticException(DiagnosticId.PULSE4080, new Location(ProjectFile), refused.ItemSpec);
        }

        _module = Input(Module);
        _provenance = Input(Provenance);
    }

    /// <inheritdoc/>
    protected override OutputSet? Make()
    {
        var options = new LowerOptions
        {
            Module = _module!,
            ProvenanceJson = Encoding.UTF8.GetString(_provenance!.Bytes.Span),
            Target = Target,
            Board = Board,
            Bounds = Choice<BoundsChecks>(BoundsChecks, "PulseBoundsChecks"),
            Mode = Choice<OptimizeMode>(Mode, "PulseMode"),
            Output = Choice<OutputKind>(OutputKind, "PulseOutput"),
            InterruptHandlers = [.. InterruptHandlers.Select(Handler)],
            Entry = Entry,
            FlashOffset = Number(FlashOffset, "PulseFlashOffset"),
            NoInitBytes = Number(NoInitBytes, "PulseNoInitBytes"),
            ExtraRam = [.. ExtraRam.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Range)],
            ImageCrc = Flag(ImageCrc, "PulseImageCrc"),
            StackSize = StackSize == Automatic ? null : Number(StackSize, "PulseStackSize"),
            Faults = Choice<FaultHandling>(Faults, "PulseFaults"),
            Traps = Choice<TrapSites>(Traps, "PulseTraps"),
            Name = Name,
        };
        if (ThumbCompiler.Lower(options, this, Cancellation) is not { } lowered)
        {
            return null;
        }

        var made = new OutputSet();
        made.Add(".o", lowered.Object);
        made.Add(".lst", lowered.Listing);
        made.Add(".h", lowered.Header);
        made.Add(".size.txt", Sizes(lowered));
        if (lowered.Image is { } image)
        {
            made.Add(".elf", image.Elf);
            made.Add(".bin", image.Bin);
            made.Add(".hex", image.Hex);
            made.Add(".map", image.Map);
        }

        return made;
    }

    private RamRange Range(string text) => text.Split(':') is [var origin, var bytes]
        ? new RamRange(Number(origin, "PulseExtraRam"), Number(bytes, "PulseExtraRam"))
        : throw new DiagnosticException(DiagnosticId.PULSE0004, new Location(ProjectFile), text, "PulseExtraRam", "ORIGIN:BYTES, separated by semicolons");

    private static string Sizes(LowerResult lowered) => string.Create(
        CultureInfo.InvariantCulture, $"flash {lowered.FlashBytes / 1024.0:0.0} KiB, RAM {lowered.RamBytes / 1024.0:0.0} KiB")
        + (lowered.Stack is { } stack ? string.Create(CultureInfo.InvariantCulture, $", stack {stack.Depth} of {stack.Reserve} bytes") : "");
}
