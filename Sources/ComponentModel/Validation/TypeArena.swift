/// All types of a file. They refer to each other by number, so that no chain of them is freed or copied recursively,
/// and each knows its size, so that none is walked that a hostile file has blown up.
final class TypeArena {
    struct Entry {
        let definition: TypeDefinition
        /// Expanded size, in nodes.
        var nodes = 1
        var depth = 1
        var mentionsVariable = false
        var containsBorrow = false
        /// Whether a value holds a list or string, which lies outside of the value itself.
        var containsPointers = false
        /// Of value types, where pointers have 64 bits.
        var layout = Layout(size: 0, alignment: 1)
    }

    private(set) var entries: [Entry] = []
    private(set) var modules: [ModuleShape] = []
    let coreTypes = CoreTypeStore()
    /// Offset of the definition at work, for messages.
    var offset = 0
    private var variables = 0
    private let budget = Budget(Limits.planningWork, of: "the component's types and instances")

    func invalid(_ message: String) -> ComponentError { ComponentError(.invalid, message, offset: self.offset) }

    func spend(_ amount: Int = 1) throws(ComponentError) { try self.budget.spend(amount, at: self.offset) }

    subscript(id: TypeID) -> Entry { self.entries[id.index] }

    func module(_ id: ModuleID) -> ModuleShape { self.modules[id.index] }

    func add(_ module: ModuleShape) -> ModuleID {
        self.modules.append(module)
        return ModuleID(index: self.modules.count - 1)
    }

    func newVariable() -> Variable {
        self.variables += 1
        return Variable(index: self.variables)
    }

    /// A type of its own with the same structure.
    func alias(_ id: TypeID) -> TypeID {
        self.entries.append(self.entries[id.index])
        return TypeID(index: self.entries.count - 1)
    }

    func add(_ definition: TypeDefinition) throws(ComponentError) -> TypeID {
        try self.spend(Limits.workOfType + definition.partCount * Limits.workOfPart)
        var entry = Entry(definition: definition)
        switch definition {
        case .value(let type): try self.measure(type, &entry)
        case .function(let shape):
            for parameter in shape.parameters { entry.nodes += Limits.nodes(ofLabel: parameter.name) }
            for parameter in shape.parameters { self.include(parameter.type, &entry) }
            if let result = shape.result { self.include(result, &entry) }
        case .instance(let shape): self.include(shape.exports, &entry)
        case .component(let shape):
            self.include(shape.imports, &entry)
            self.include(shape.exports, &entry)
        case .resource: entry.mentionsVariable = true
        }
        try self.checkSize(entry.nodes)
        self.entries.append(entry)
        return TypeID(index: self.entries.count - 1)
    }

    func checkSize(_ nodes: Int) throws(ComponentError) {
        guard nodes <= Limits.typeNodes else {
            throw ComponentError(
                .unsupported, "too large: a type of more than 1,000,000 parts", offset: self.offset)
        }
    }

    /// The expanded size of what is imported or exported.
    func nodes(of entity: Entity) -> Int {
        switch entity {
        case .module, .value(.primitive, _): 1
        case .function(let id), .instance(let id), .component(let id), .type(let id, _), .value(.type(let id), _):
            self[id].nodes
        }
    }

    /// The instance, its exports walked no deeper than is safe.
    func instance(_ id: TypeID) throws(ComponentError) -> InstanceShape {
        guard case .instance(let shape) = self[id].definition else { throw self.invalid("not an instance type") }
        try self.checkDepth(id)
        return shape
    }

    func component(_ id: TypeID) throws(ComponentError) -> ComponentShape {
        guard case .component(let shape) = self[id].definition else { throw self.invalid("not a component type") }
        try self.checkDepth(id)
        return shape
    }

    func function(_ id: TypeID) throws(ComponentError) -> FunctionShape {
        guard case .function(let shape) = self[id].definition else { throw self.invalid("not a function type") }
        return shape
    }

    /// To be called before a walk of the type.
    func checkDepth(_ id: TypeID) throws(ComponentError) {
        guard self[id].depth <= Limits.typeDepth else {
            throw ComponentError(
                .unsupported, "type nesting is too deep: instances nest deeper than \(Limits.typeDepth)",
                offset: self.offset)
        }
    }

    func resource(_ id: TypeID) -> Variable? {
        guard case .resource(let variable) = self[id].definition else { return nil }
        return variable
    }

    // MARK: Measures

    private func include(_ id: TypeID, _ entry: inout Entry) {
        let part = self[id]
        entry.nodes += part.nodes
        entry.depth = max(entry.depth, part.depth + 1)
        entry.mentionsVariable = entry.mentionsVariable || part.mentionsVariable
        entry.containsBorrow = entry.containsBorrow || part.containsBorrow
        entry.containsPointers = entry.containsPointers || part.containsPointers
    }

    private func include(_ reference: ValueReference, _ entry: inout Entry) {
        switch reference {
        case .primitive(let type):
            entry.nodes += 1
            entry.depth = max(entry.depth, 2)
            entry.containsPointers = entry.containsPointers || type == .string
        case .type(let id): self.include(id, &entry)
        }
    }

    private func include(_ members: Members, _ entry: inout Entry) {
        for (_, entity) in members.all {
            switch entity {
            case .module: entry.nodes += 1
            case .function(let id), .instance(let id), .component(let id): self.include(id, &entry)
            case .type(let created, _): self.include(created, &entry)
            case .value(let type, _):
                self.include(type, &entry)
                entry.mentionsVariable = true
            }
        }
    }

    private func measure(_ type: DefinedValueType, _ entry: inout Entry) throws(ComponentError) {
        for part in type.parts { self.include(part, &entry) }
        for label in type.labels { entry.nodes += Limits.nodes(ofLabel: label) }
        switch type {
        case .list, .map, .primitive(.string): entry.containsPointers = true
        case .own: entry.mentionsVariable = true
        case .borrow:
            entry.mentionsVariable = true
            entry.containsBorrow = true
        case .stream, .future: entry.containsPointers = false
        default: break
        }
        guard entry.depth <= Limits.nesting else {
            throw ComponentError(
                .unsupported, "type nesting is too deep: a type nested deeper than \(Limits.nesting)",
                offset: self.offset)
        }
        entry.layout = self.layout(of: type)
        guard entry.layout.size < Limits.valueSize else {
            throw self.invalid("type exceeds maximum byte size: it takes 256 MiB or more")
        }
    }

    func layout(_ reference: ValueReference) -> Layout {
        switch reference {
        case .primitive(let type): type.layout(.i64)
        case .type(let id): self[id].layout
        }
    }

    private func layout(of type: DefinedValueType) -> Layout {
        switch type {
        case .primitive(let type): self.layout(ValueReference.primitive(type))
        case .list, .map: AddressType.i64.pointerAndLength
        case .fixedList(let element, let count): self.layout(element).repeated(count)
        case .record(let fields): .record(fields.map { self.layout($0.type) })
        case .tuple(let types): .record(types.map { self.layout($0) })
        case .variant(let cases):
            .variant(caseCount: cases.count, payloads: cases.compactMap { $0.type.map { self.layout($0) } })
        case .enumeration(let labels): .variant(caseCount: labels.count, payloads: EmptyCollection())
        case .option(let type): .variant(caseCount: 2, payloads: CollectionOfOne(self.layout(type)))
        case .result: .variant(caseCount: 2, payloads: type.parts.map { self.layout($0) })
        case .flags(let labels): .flags(count: labels.count)
        case .own, .borrow, .stream, .future: .handle
        }
    }

    // MARK: Flattening

    /// Appends the core types that a value is passed as; false as soon as there are more than `limit`.
    func flatten(_ reference: ValueReference, _ addressType: AddressType, into types: inout [CoreType], limit: Int)
        -> Bool
    {
        switch reference {
        case .primitive(let type): return type.flatten(addressType, into: &types, limit: limit)
        case .type(let id):
            guard case .value(let type) = self[id].definition else { return false }
            return self.flatten(type, addressType, into: &types, limit: limit)
        }
    }

    private func flatten(_ type: DefinedValueType, _ addressType: AddressType, into types: inout [CoreType], limit: Int)
        -> Bool
    {
        switch type {
        case .primitive(let type):
            return self.flatten(ValueReference.primitive(type), addressType, into: &types, limit: limit)
        case .list, .map:
            types.append(addressType.coreType)
            types.append(addressType.coreType)
        case .fixedList(let element, let count):
            for _ in 0..<count {
                guard self.flatten(element, addressType, into: &types, limit: limit) else { return false }
            }
        case .record, .tuple:
            for part in type.parts {
                guard self.flatten(part, addressType, into: &types, limit: limit) else { return false }
            }
        case .variant, .option, .result:
            return self.flatten(payloads: type.parts, addressType, into: &types, limit: limit)
        case .flags, .enumeration, .own, .borrow, .stream, .future: types.append(.i32)
        }
        return types.count <= limit
    }

    private func flatten(
        payloads: [ValueReference], _ addressType: AddressType, into types: inout [CoreType], limit: Int
    ) -> Bool {
        types.append(.i32)
        guard types.count <= limit else { return false }
        let start = types.count
        var flat: [CoreType] = []
        for payload in payloads {
            flat.removeAll(keepingCapacity: true)
            guard self.flatten(payload, addressType, into: &flat, limit: limit - start) else { return false }
            for (index, type) in flat.enumerated() {
                if start + index < types.count {
                    types[start + index] = CoreType.join(types[start + index], type)
                } else {
                    types.append(type)
                }
            }
        }
        return true
    }
}
