import ComponentModel
import WIT

/// The types that are known in an interface in WIT, or in a world itself, as components have them.
final class InterfaceTypes {
    typealias Members = [(name: String, member: WorldTypes.Member)]

    /// Nil for a world.
    private let interface: InterfaceID?
    private let model: ResolvedModel
    private let types: WorldTypes
    private let others: (InterfaceID) throws -> InterfaceTypes
    private var known: [WIT.TypeID: ComponentModel.TypeID] = [:]
    private(set) var members: Members = []

    /// - Parameter others: gives the types of another interface.
    init(
        _ interface: InterfaceID?, _ model: ResolvedModel, _ types: WorldTypes,
        others: @escaping (InterfaceID) throws -> InterfaceTypes
    ) {
        self.interface = interface
        self.model = model
        self.types = types
        self.others = others
    }

    func takeMembers() -> Members {
        defer { self.members = [] }
        return self.members
    }

    func use(_ use: ResolvedInterface.Use) throws {
        self.add(use.name, of: try self.others(use.interface).id(of: use.type), as: use.type)
    }

    func add(_ function: ResolvedFunction) throws {
        self.members.append((function.name, .function(try self.shape(of: function))))
    }

    func shape(of function: ResolvedFunction) throws -> FunctionShape {
        FunctionShape(
            parameters: try function.parameters.map { .init(name: $0.name, type: try self.reference($0.type)) },
            result: try function.result.map { try self.reference($0) }, isAsync: function.isAsync)
    }

    /// A type that has a name, defined now if it is of here.
    func id(of id: WIT.TypeID) throws -> ComponentModel.TypeID {
        if let known = self.known[id] { return known }
        let definition = self.model[id]
        // A world knows what it uses without members of its own.
        if case .interface(let owner) = definition.owner, owner != self.interface {
            return try self.others(owner).id(of: id)
        }
        switch definition.kind {
        case .resource:
            let resource = try self.types.defineResource()
            self.known[id] = resource
            self.members.append((definition.name, .resource(resource)))
            return resource
        // A name for a resource stands for the resource, not for a handle.
        case .alias(.own(let resource)): return self.add(definition.name, of: try self.id(of: resource), as: id)
        case .alias(let type): return self.add(definition.name, of: try self.define(type), as: id)
        case .record(let fields):
            return try self.add(
                definition,
                .record(try fields.compactMap { field in try field.type.map { try self.field(field.name, $0) } }), id)
        case .variant(let cases):
            return try self.add(
                definition, .variant(try cases.map { .init(name: $0.name, type: try self.optional($0.type)) }), id)
        case .enumeration(let cases): return try self.add(definition, .enumeration(cases.map(\.name)), id)
        case .flags(let names): return try self.add(definition, .flags(names.map(\.name)), id)
        }
    }

    private func add(
        _ definition: TypeDefinition, _ type: DefinedValueType, _ id: WIT.TypeID
    ) throws -> ComponentModel.TypeID {
        self.add(definition.name, of: try self.types.define(type), as: id)
    }

    @discardableResult
    private func add(
        _ name: String, of type: ComponentModel.TypeID, as id: WIT.TypeID
    ) -> ComponentModel.TypeID {
        let created = self.types.alias(type)
        self.known[id] = created
        self.members.append((name, .type(created, of: type)))
        return created
    }

    // MARK: - Types without names

    private func field(_ name: String, _ type: WITType) throws -> DefinedValueType.Field {
        .init(name: name, type: try self.reference(type))
    }

    private func optional(_ type: WITType?) throws -> ValueReference? { try type.map { try self.reference($0) } }

    private func reference(_ type: WITType) throws -> ValueReference {
        switch type {
        case .primitive(let primitive): .primitive(ValueType(primitive))
        case .named(let id): .type(try self.id(of: id))
        default: .type(try self.define(type))
        }
    }

    private func define(_ type: WITType) throws -> ComponentModel.TypeID {
        let definition: DefinedValueType
        switch type {
        case .named(let id): return try self.id(of: id)
        case .primitive(let primitive): definition = .primitive(ValueType(primitive))
        case .own(let id): definition = .own(try self.id(of: id))
        case .borrow(let id): definition = .borrow(try self.id(of: id))
        case .list(let element): definition = .list(try self.reference(element))
        case .fixedList(let element, let count): definition = .fixedList(try self.reference(element), count)
        case .map(let key, let value): definition = .map(key: try self.reference(key), value: try self.reference(value))
        case .option(let part): definition = .option(try self.reference(part))
        case .result(let ok, let error):
            definition = .result(ok: try self.optional(ok), error: try self.optional(error))
        case .tuple(let parts): definition = .tuple(try parts.map { try self.reference($0) })
        case .future(let part): definition = .future(try self.optional(part))
        case .stream(let part): definition = .stream(try self.optional(part))
        }
        return try self.types.define(definition)
    }
}

extension ValueType {
    fileprivate init(_ type: PrimitiveType) {
        self =
            switch type {
            case .bool: .bool
            case .s8: .s8
            case .u8: .u8
            case .s16: .s16
            case .u16: .u16
            case .s32: .s32
            case .u32: .u32
            case .s64: .s64
            case .u64: .u64
            case .f32: .f32
            case .f64: .f64
            case .char: .char
            case .string: .string
            case .errorContext: .errorContext
            }
    }
}
