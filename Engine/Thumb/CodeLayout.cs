using Pulse.Build.Engine.Support;

namespace Pulse.Build.Engine.Thumb;

/// <summary>Offsets of items and labels; relaxation lets items grow until every one reaches what it refers to.</summary>
internal sealed class CodeLayout(List<CodeItem> items, int labelCount)
{
    private readonly EntityMap<Label, int> _labels = new(-1);

    /// <summary>Offset of <paramref name="label"/>.</summary>
    public int OffsetOf(Label label) => _labels[label];

    /// <summary>Bytes from <paramref name="offset"/> to <paramref name="label"/>.</summary>
    public int Distance(int offset, Label label) => _labels[label] - offset;

    /// <summary>Grows items to a fixed point: nothing shrinks, so it is reached, and then nothing is out of reach.</summary>
    public void Relax()
    {
        bool grew;
        do
        {
            Assign();
            grew = false;
            foreach (var item in items)
            {
                grew |= item.Relax(this);
            }
        }
        while (grew);
    }

    /// <summary>Encodes everything and verifies the bytes.</summary>
    public AssembledCode Write()
    {
        var buffer = new CodeBuffer(this);
        foreach (var item in items)
        {
            InvariantException.Require(buffer.Length == item.Offset, "an item stands where the layout put it");
            item.Write(buffer);
            InvariantException.Require(buffer.Length == item.Offset + item.Size, "an item has the size that the layout gave it");
        }

        var code = buffer.Finish([.. Enumerable.Range(0, labelCount).Select(index => _labels[new Label(index)])]);
        CodeVerifier.Verify(code, buffer.Expectations, _labels);
        return code;
    }

    private void Assign()
    {
        var offset = 0;
        foreach (var item in items)
        {
            item.Offset = offset;
            if (item is LabelItem label)
            {
                _labels[label.Label] = offset;
            }

            offset += item.Size;
        }
    }
}
