using System.Collections.Immutable;
using System.Text.Json;

namespace Pulse.Build.Engine.Pipelines;

/// <summary>The part of the optimiser's report that says what interrupt handlers share with other code.</summary>
internal static class InterruptReport
{
    /// <summary>Writes the property <c>interrupts</c>.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<InterruptFacts> interrupts)
    {
        json.WriteStartArray("interrupts");
        foreach (var facts in interrupts)
        {
            json.WriteStartObject();
            json.WriteString("handler", facts.Handler);
            json.WriteString("vector", facts.Vector);
            if (facts.Priority is { } priority)
            {
                json.WriteNumber("priority", priority);
            }

            json.WriteStartArray("enters");
            foreach (var component in facts.Enters)
            {
                json.WriteStringValue(component);
            }

            json.WriteEndArray();
            json.WriteStartArray("places");
            foreach (var place in facts.Places)
            {
                json.WriteStartObject();
                json.WriteString("what", place.What);
                json.WriteString("access", place.Access);
                json.WriteString("component", place.Component);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("sharedWith");
            foreach (var (function, accesses) in facts.Functions)
            {
                json.WriteStartObject();
                json.WriteString("function", function);
                json.WriteNumber("accesses", accesses);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
