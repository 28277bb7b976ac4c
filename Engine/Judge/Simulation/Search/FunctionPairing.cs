using Pulse.Build.Engine.Judge.Claims;
using Pulse.Build.Engine.Judge.Instructions;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulse.Build.Engine.Judge.Correspondence;
using Pulse.Build.Engine.Judge.Decoding;
using Pulse.Build.Engine.Judge.Naming;

namespace Pulse.Build.Engine.Judge.Simulation.Search;

/// <summary>
/// Guesses which defined functions correspond: by hint, export, start, table slot and name; then by calls at the same position of
/// corresponding functions, by equal code, and by likeness.
/// </summary>
internal sealed class FunctionPairing(DecodedModule before, CodeFacts factsBefore, DecodedModule after, CodeFacts factsAfter)
{
    private const int MostComparisons = 40_000;
    private readonly FunctionGroups _classes = new(before, after);

    public ImmutableArray<FunctionClass> Find(IReadOnlyDictionary<int, int> witness, KeyPairing tables)
    {
        foreach (var (b, a) in witness.OrderBy(p => p.Key))
        {
            if (b >= 0 && b < before.Functions.Count && a >= 0 && a < after.Functions.Count)
            {
                _classes.Add(b, a);
            }
        }

        foreach (var export in before.Exports.Where(e => e.Kind == EntityKind.Function))
        {
            if (after.Exports.Find(e => e.Kind == EntityKind.Function && e.Name == export.Name) is { } other)
            {
                _classes.Add(export.Index, other.Index);
            }
        }

        if (before.Start is { } startBefore && after.Start is { } startAfter)
        {
            _classes.Add(startBefore, startAfter);
        }

        PairTableSlots(tables);
        PairNames();
        for (var count = -1; count != _classes.Pairs.Count;)
        {
            count = _classes.Pairs.Count;
            PairEqualCode();
            PairCalls();
        }

        PairAlike();
        MergeDuplicates();
        return _classes.Classes;
    }

    private void PairTableSlots(KeyPairing tables)
    {
        for (var b = 0; b < tables.ToAfter.Length; b++)
        {
            if (tables.ToAfter[b] is not (var a and >= 0) || TableContents.Of(before, b) is not { } x || TableContents.Of(after, a) is not { } y)
            {
                continue;
            }

            for (var slot = 0; slot < Math.Min(x.Length, y.Length); slot++)
            {
                if (x[slot] >= 0 && y[slot] >= 0)
                {
                    _classes.Add(x[slot], y[slot]);
                }
            }
        }
    }

    private void PairNames()
    {
        var byName = new FunctionNames(after).Named.GroupBy(n => n.Value).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.First().Key);
        foreach (var group in new FunctionNames(before).Named.GroupBy(n => n.Value).Where(g => g.Count() == 1).OrderBy(g => g.First().Key))
        {
            var b = group.First().Key;
            if (byName.TryGetValue(group.Key, out var a) && b < before.Functions.Count && a < after.Functions.Count
                && before.Functions[b].Body is not null && after.Functions[a].Body is not null && !_classes.HasAfter(a))
            {
                _classes.Add(b, a);
            }
        }
    }

    /// <summary>Unpaired functions whose code is equal but for function indices, and like no other function's.</summary>
    private void PairEqualCode()
    {
        var shapes = OpenAfter().Select(a => (a, Shape(factsAfter, after, a))).Where(s => s.Item2 is not null).GroupBy(s => s.Item2!).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var group in OpenBefore().Select(b => (b, Shape(factsBefore, before, b))).Where(s => s.Item2 is not null).GroupBy(s => s.Item2!))
        {
            if (group.Count() == 1 && shapes.TryGetValue(group.Key, out var others) && others.Count == 1)
            {
                _classes.Add(group.First().b, others[0].a);
            }
        }
    }

    /// <summary>
    /// Corresponding functions call corresponding ones, though blocks may stand in another order: of the callees without a partner the most
    /// alike pair, equally alike ones in order.
    /// </summary>
    private void PairCalls()
    {
        var likeness = NewLikeness();
        foreach (var pair in _classes.Pairs.ToList())
        {
            var x = CallsOf(factsBefore, pair.Before).Where(b => b < before.Functions.Count && before.Functions[b].Body is not null && !_classes.HasBefore(b)).Distinct().ToList();
            var y = CallsOf(factsAfter, pair.After).Where(a => a < after.Functions.Count && after.Functions[a].Body is not null && !_classes.HasAfter(a)).Distinct().ToList();
            if (x.Count != y.Count)
            {
                continue;
            }

            var alike = x.SelectMany((b, i) => y.Where(a => before.Functions[b].Signature.Equals(after.Functions[a].Signature)).Select(a => (b, a, i)));
            foreach (var (b, a, _) in alike.OrderByDescending(c => x.Count > 1 ? likeness.Of(c.b, c.a) : 0).ThenBy(c => c.i).ThenBy(c => y.IndexOf(c.a)).ToList())
            {
                if (!_classes.HasBefore(b) && !_classes.HasAfter(a))
                {
                    _classes.Add(b, a);
                }
            }
        }
    }

    /// <summary>What is left over pairs type by type: the most alike first, equally alike ones in order.</summary>
    private void PairAlike()
    {
        var likeness = NewLikeness();
        foreach (var group in OpenAfter().GroupBy(a => after.Functions[a].Signature.Text))
        {
            var left = OpenBefore().Where(b => before.Functions[b].Signature.Text == group.Key).ToList();
            var right = group.ToList();
            if ((long)left.Count * right.Count > MostComparisons)
            {
                left.Zip(right).ToList().ForEach(p => _classes.Add(p.First, p.Second));
                continue;
            }

            var all = left.SelectMany(b => right.Select(a => (b, a, Alike: likeness.Of(b, a))));
            foreach (var (b, a, alike) in all.OrderByDescending(p => p.Alike).ThenBy(p => p.b).ThenBy(p => p.a).ToList())
            {
                if ((alike > 0 || left.Count == right.Count) && !_classes.HasBefore(b) && !_classes.HasAfter(a))
                {
                    _classes.Add(b, a);
                }
            }
        }
    }

    /// <summary>A source function without a partner that is a copy of one with a partner shares it: both are proved against it.</summary>
    private void MergeDuplicates()
    {
        var paired = _classes.Pairs
            .Select(p => (p, Shape(factsBefore, before, p.Before, exact: true))).Where(x => x.Item2 is not null)
            .GroupBy(x => x.Item2!).ToDictionary(g => g.Key, g => g.First().p);
        foreach (var b in OpenBefore().ToList())
        {
            if (Shape(factsBefore, before, b, exact: true) is { } shape && paired.TryGetValue(shape, out var pair))
            {
                _classes.Add(b, pair.After);
            }
        }
    }

    /// <summary>Calls count by class, so what is known of functions goes out of date with the classes.</summary>
    private Likeness NewLikeness() => new(before, factsBefore, after, factsAfter, _classes);

    private IEnumerable<int> OpenBefore() => Enumerable.Range(0, before.Functions.Count)
        .Where(b => before.Functions[b].Body is not null && factsBefore.Live[b] && !_classes.HasBefore(b));

    private IEnumerable<int> OpenAfter() => Enumerable.Range(0, after.Functions.Count)
        .Where(a => after.Functions[a].Body is not null && factsAfter.Live[a] && !_classes.HasAfter(a));

    private static List<int> CallsOf(CodeFacts facts, int function)
        => [.. (facts.CodeOf(function) ?? []).Where(i => i.Opcode == 0x10).Select(i => i.Index(0))];

    private static string? Shape(CodeFacts facts, DecodedModule module, int function, bool exact = false)
    {
        if (facts.CodeOf(function) is not { } code)
        {
            return null;
        }

        var text = new StringBuilder(module.Functions[function].Signature.Text);
        text.Append('|').AppendJoin(' ', module.Functions[function].Body!.Locals);
        foreach (var i in code)
        {
            text.Append(CultureInfo.InvariantCulture, $";{i.Opcode:x}");
            foreach (var operand in i.Operands)
            {
                text.Append(' ').Append(!exact && operand.Kind is OperandKind.Function or OperandKind.Type or OperandKind.BlockType ? "_" : operand.Value.ToString(CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
