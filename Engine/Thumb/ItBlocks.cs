namespace Pulse.Build.Engine.Thumb;

/// <summary>
/// Puts conditional items into IT blocks: neighbours with the same condition or its inverse share one, up to four.
/// The condition is looked up in the flags as each instruction is reached, so sharing never changes a meaning.
/// </summary>
/// <example><c>moveq r0, #1; movne r0, #0   =>   ite eq; moveq r0, #1; movne r0, #0</c></example>
internal static class ItBlocks
{
    private const int MostInstructions = 4;

    /// <summary>The items with an IT before each block.</summary>
    public static List<CodeItem> Form(List<CodeItem> items)
    {
        var result = new List<CodeItem>(items.Count);
        var block = new List<Condition>();
        var start = 0;
        foreach (var item in items)
        {
            var condition = item.ItCondition;
            var belongs = condition != Condition.AL && block.Count is > 0 and < MostInstructions && (condition == block[0] || condition == block[0].Invert());
            if (!belongs && item is not MarkItem)
            {
                Close(result, block, start);
            }

            if (condition != Condition.AL)
            {
                start = block.Count == 0 ? StartBeforeMarks(result) : start;
                block.Add(condition);
                item.InsideIt = true;
            }

            result.Add(item);
            if (item.InsideIt && item.EndsIt)
            {
                Close(result, block, start);
            }
        }

        Close(result, block, start);
        return result;
    }

    // A mark names the instruction, so it stays between IT and the instruction it was set before.
    private static int StartBeforeMarks(List<CodeItem> result)
    {
        var start = result.Count;
        while (start > 0 && result[start - 1] is MarkItem)
        {
            start--;
        }

        return start;
    }

    private static void Close(List<CodeItem> result, List<Condition> block, int start)
    {
        if (block.Count == 0)
        {
            return;
        }

        // Mask: bit 0 of each further condition from bit 3 down, then a one.
        var mask = 1 << (MostInstructions - block.Count);
        for (var i = 1; i < block.Count; i++)
        {
            mask |= ((int)block[i] & 1) << (MostInstructions - i);
        }

        result.Insert(start, new ItItem(block[0], mask));
        block.Clear();
    }
}
