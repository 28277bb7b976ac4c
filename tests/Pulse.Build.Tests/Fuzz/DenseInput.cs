namespace Pulse.Build.Tests.Fuzz;

/// <summary>Draws from the inputs that are all of one small thing.</summary>
internal static class DenseInput
{
    private const int Rarely = 400;
    private const int SmallestLog2 = 12;
    private const int LargestLog2 = 20;

    /// <summary>Null most of the time, else a shape of any size up to a megabyte, half of the time with a byte changed.</summary>
    public static byte[]? Now(IEnumerable<Func<int, byte[]>> shapes, FuzzRandom random)
    {
        if (!random.Once(Rarely))
        {
            return null;
        }

        var choice = shapes.ToArray();
        var bytes = random.Pick(choice)(Size(random));
        if (random.Once(2))
        {
            bytes[random.Below(bytes.Length)] = (byte)random.Next();
        }

        return bytes;
    }

    /// <summary>Any order of magnitude, up to a megabyte exactly.</summary>
    private static int Size(FuzzRandom random) => 1 << (SmallestLog2 + random.Below(LargestLog2 - SmallestLog2 + 1));
}
