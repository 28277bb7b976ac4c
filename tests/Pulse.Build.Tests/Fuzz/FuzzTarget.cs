namespace Pulse.Build.Tests.Fuzz;

/// <summary>Something that reads what anybody may have written.</summary>
/// <param name="Name">Folder of its regressions under <c>tests/corpus</c>.</param>
/// <param name="Rounds">Executions of a run that is not lengthened.</param>
internal abstract class FuzzTarget(string Name, int Rounds)
{
    public string Name { get; } = Name;

    public int Rounds { get; } = Rounds;

    /// <summary>
    /// Bytes of input that any run may allocate for: tables of a parser, a message, the frames of an exception's trace, of which there are a
    /// thousand where the text nests that deeply.
    /// </summary>
    public virtual int Ground => 1024;

    /// <summary>An input: some seed, damaged.</summary>
    public abstract byte[] Mutate(FuzzRandom random);

    /// <summary>What is measured; refuses by an exception that <see cref="IsRefusal"/> knows. Gives what <see cref="Check"/> needs.</summary>
    public abstract object Run(byte[] input);

    /// <summary>Fails when what was made of an accepted input contradicts the input.</summary>
    public virtual void Check(byte[] input, object result)
    {
    }

    /// <summary>Whether the exception is how this target says that the input is bad.</summary>
    public virtual bool IsRefusal(byte[] input, Exception exception) => FuzzOracle.IsDiagnostic(input, exception);
}
