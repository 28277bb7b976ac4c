using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Pulse.Build.Engine.Diagnostics;

namespace Pulse.Build.Tests.Architecture;

/// <summary>What the built engine's metadata says: which type uses which, which outside members it uses, which static fields it has.</summary>
internal sealed class EngineMetadata : IDisposable
{
    private const string Root = "Pulse.Build.Engine.";

    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value & 0xffff, code => code.OperandType);

    private readonly PEReader _image = new(File.OpenRead(typeof(DiagnosticId).Assembly.Location));
    private readonly MetadataReader _reader;

    public EngineMetadata() => _reader = _image.GetMetadataReader();

    public void Dispose() => _image.Dispose();

    /// <summary>Names of the referenced assemblies.</summary>
    public IEnumerable<string> Assemblies => _reader.AssemblyReferences.Select(handle => _reader.GetString(_reader.GetAssemblyReference(handle).Name));

    /// <summary>Outside members in use, as <c>System.Console.WriteLine</c>.</summary>
    public IEnumerable<string> OutsideMembers => _reader.MemberReferences.Select(handle => _reader.GetMemberReference(handle))
        .Where(member => member.Parent.Kind == HandleKind.TypeReference)
        .Select(member => (Type: _reader.GetTypeReference((TypeReferenceHandle)member.Parent), Name: _reader.GetString(member.Name)))
        .Select(member => $"{_reader.GetString(member.Type.Namespace)}.{_reader.GetString(member.Type.Name)}.{member.Name}");

    /// <summary>Methods that are entry points of native libraries.</summary>
    public IEnumerable<string> ForeignFunctions =>
        from handle in _reader.MethodDefinitions
        let method = _reader.GetMethodDefinition(handle)
        where (method.Attributes & MethodAttributes.PinvokeImpl) != 0
        select $"{FullName(method.GetDeclaringType())}.{_reader.GetString(method.Name)}";

    /// <summary>Static fields that can be assigned after the type is initialised, those the compiler makes for lambdas apart.</summary>
    public IEnumerable<string> MutableStatics =>
        from handle in _reader.FieldDefinitions
        let definition = _reader.GetFieldDefinition(handle)
        where (definition.Attributes & FieldAttributes.Static) != 0 && (definition.Attributes & (FieldAttributes.InitOnly | FieldAttributes.Literal)) == 0
        let type = FullName(definition.GetDeclaringType())
        where !type.Contains('<', StringComparison.Ordinal)
        select $"{type}.{_reader.GetString(definition.Name)}";

    /// <summary>Pairs of rooms with the types that make the edge.</summary>
    public IEnumerable<(string From, string To, string Because)> Edges()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            var from = FullName(handle);
            foreach (var to in UsedBy(handle).Distinct().Select(FullName))
            {
                if (RoomOf(from) is { } user && RoomOf(to) is { } used && user != used)
                {
                    yield return (user, used, $"{from} uses {to}");
                }
            }
        }
    }

    /// <summary>Pairs of folders with the types that make the edge; a folder is a namespace below the engine's, <c>Judge</c> or <c>Judge.Replay</c>.</summary>
    public IEnumerable<(string From, string To, string Because)> FolderEdges()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            var from = FullName(handle);
            foreach (var to in UsedBy(handle).Distinct().Select(FullName))
            {
                if (FolderOf(from) is { } user && FolderOf(to) is { } used && user != used)
                {
                    yield return (user, used, $"{from} uses {to}");
                }
            }
        }
    }

    private static string? FolderOf(string type)
    {
        if (!type.StartsWith(Root, StringComparison.Ordinal))
        {
            return null;
        }

        var path = type[Root.Length..].Split('/')[0];
        return path.LastIndexOf('.') is var dot and > 0 ? path[..dot] : path;
    }

    private static string? RoomOf(string type) => type.StartsWith(Root, StringComparison.Ordinal) ? type[Root.Length..].Split('.')[0] : null;

    private string FullName(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var name = _reader.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? FullName(outer) + "/" + name : _reader.GetString(type.Namespace) + "." + name;
    }

    private List<TypeDefinitionHandle> UsedBy(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var found = new TypeCollector(_reader);
        found.Add(type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            found.Add(_reader.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (var field in type.GetFields())
        {
            _reader.GetFieldDefinition(field).DecodeSignature(found, null);
        }

        foreach (var method in type.GetMethods().Select(_reader.GetMethodDefinition))
        {
            method.DecodeSignature(found, null);
            if (method.RelativeVirtualAddress != 0)
            {
                AddBody(_image.GetMethodBody(method.RelativeVirtualAddress), found);
            }
        }

        return found.Types;
    }

    private void AddBody(MethodBodyBlock body, TypeCollector found)
    {
        if (!body.LocalSignature.IsNil)
        {
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(found, null);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            var operand = Operands[value == 0xfe ? 0xfe00 | code.ReadByte() : value];
            switch (operand)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    found.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                default:
                    code.Offset += SizeOf(operand);
                    break;
            }
        }
    }

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    /// <summary>Collects the engine's own types from tokens and signatures.</summary>
    private sealed class TypeCollector(MetadataReader reader) : ISignatureTypeProvider<int, object?>
    {
        public List<TypeDefinitionHandle> Types { get; } = [];

        public void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Types.Add((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    Types.Add(reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Types.Add(reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    Add(reader.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    var method = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(method.Method);
                    method.DecodeSignature(this, null);
                    break;
            }
        }

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Types.Add(handle);
            return 0;
        }

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return 0;
        }

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;

        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;
    }
}
