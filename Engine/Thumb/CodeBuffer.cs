using System.Collections.Immutable;
using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>What the bytes at <paramref name="Offset"/> must decode to.</summary>
/// <param name="Offset">Offset of the instruction.</param>
/// <param name="Asked">The instruction; the immediate of a relative one does not count when a target or a literal is given.</param>
/// <param name="Target">Label that its displacement must lead to.</param>
/// <param name="Literal">What must stand where its displacement leads.</param>
internal readonly record struct Expectation(int Offset, Instruction Asked, Label? Target, Literal? Literal);

/// <summary>The bytes being written, with regions, relocations, marks, and what the verifier shall find.</summary>
internal sealed class CodeBuffer(CodeLayout layout)
{
    private readonly ByteWriter _bytes = new();
    private readonly List<MappingRegion> _regions = [];
    private readonly List<CodeRelocation> _relocations = [];
    private readonly List<CodeMark> _marks = [];

    /// <summary>Bytes so far.</summary>
    public int Length => _bytes.Length;

    /// <summary>What has been asked for, in order.</summary>
    public List<Expectation> Expectations { get; } = [];

    /// <summary>Offset of <paramref name="label"/>.</summary>
    public int OffsetOf(Label label) => layout.OffsetOf(label);

    /// <summary>Writes an instruction in its narrowest encoding, or in that of <paramref name="label"/>.</summary>
    public void Put(in Instruction asked, bool insideIt, string? label = null) => Put(asked, insideIt, label, new(Length, asked, null, null));

    /// <summary>Writes a relative instruction whose displacement leads to <paramref name="target"/>.</summary>
    public void PutRelative(in Instruction asked, string label, Label target)
    {
        var from = asked.Operation == Operation.Adr ? Length + 4 & ~3 : Length + 4;
        Put(asked with { Immediate = layout.OffsetOf(target) - from }, insideIt: false, label, new(Length, asked, target, null));
    }

    /// <summary>Writes a 16-bit branch around the <paramref name="skipped"/> bytes that follow it.</summary>
    public void PutSkip(in Instruction asked, int skipped) => Put(asked with { Immediate = skipped - 2 }, insideIt: false, "T1");

    /// <summary>Writes a load of <paramref name="literal"/> from <paramref name="pool"/>.</summary>
    public void PutLiteral(in Instruction asked, bool insideIt, string label, PoolItem pool, Literal literal)
        => Put(asked with { Immediate = pool.OffsetOf(literal) - (Length + 4 & ~3) }, insideIt, label, new(Length, asked, null, literal));

    /// <summary>Asks for a relocation of what is written next.</summary>
    public void Relocate(RelocationKind kind, string symbol, int addend) => _relocations.Add(new(Length, kind, symbol, addend));

    /// <summary>Writes a literal.</summary>
    public void Word(Literal literal)
    {
        EnterRegion(isData: true);
        if (literal.Symbol is not null)
        {
            Relocate(RelocationKind.Abs32, literal.Symbol, literal.Value);
        }

        _bytes.U32(unchecked((uint)literal.Value));
    }

    /// <summary>Writes data.</summary>
    public void Data(ReadOnlySpan<byte> bytes)
    {
        EnterRegion(isData: true);
        _bytes.Bytes(bytes);
    }

    /// <summary>Writes the distances of a table branch, counted in halfwords from here.</summary>
    public void Table(Label[] targets, bool halfwords)
    {
        EnterRegion(isData: true);
        var start = Length;
        foreach (var target in targets)
        {
            var distance = layout.OffsetOf(target) - start;
            InvariantException.Require(distance >= 0 && distance % 2 == 0 && distance / 2 <= (halfwords ? 0xFFFF : 0xFF), "a table branch reaches its targets");
            if (halfwords)
            {
                _bytes.U16((ushort)(distance / 2));
            }
            else
            {
                _bytes.U8((byte)(distance / 2));
            }
        }

        Pad(2);
    }

    /// <summary>Pads: a NOP in code, zeros in data.</summary>
    public void Pad(int alignment)
    {
        while (Length % alignment != 0)
        {
            if (Length % 2 == 0 && alignment == 4 && !InData)
            {
                Put(Instructions.Hint(Operation.Nop), insideIt: false);
            }
            else
            {
                _bytes.U8(0);
            }
        }
    }

    /// <summary>Sets a mark here.</summary>
    public void Mark(int tag) => _marks.Add(new(tag, Length));

    /// <summary>The finished section.</summary>
    public AssembledCode Finish(ImmutableArray<int> labels)
        => new([.. _bytes.Written], [.. _regions], [.. _relocations], [.. _marks], labels);

    private bool InData => _regions.Count > 0 && _regions[^1].IsData;

    private void Put(in Instruction concrete, bool insideIt, string? label, Expectation expectation)
    {
        uint word;
        Encoding? row;
        if (label is null)
        {
            row = Encoder.Find(concrete, insideIt, out word);
            InvariantException.Require(row is not null, "an instruction was encodable when its size was taken");
        }
        else
        {
            row = Encoder.Row(concrete.Operation, concrete.Form, label);
            word = row.Encode(concrete, insideIt);
        }

        EnterRegion(isData: false);
        InvariantException.Require(Length % 2 == 0, "an instruction stands at an even offset");
        Expectations.Add(expectation);
        if (row!.Size == 4)
        {
            _bytes.U16((ushort)(word >> 16));
        }

        _bytes.U16((ushort)(word & 0xFFFF));
    }

    private void EnterRegion(bool isData)
    {
        if (_regions.Count == 0 || _regions[^1].IsData != isData)
        {
            _regions.Add(new(Length, isData));
        }
    }
}
