/// Where types get their numbers: a component, or an instance type in it.
protocol TypeSpace: AnyObject {
    /// Gives the type's number.
    func define(_ type: [UInt8]) -> Int
    /// Gives the number here of a type outside.
    func aliasOuter(_ index: Int) -> Int
}

/// What identifies a type that has a name: resource types are known by their variable, which several types stand for.
enum TypeKey: Hashable {
    case value(TypeID)
    case resource(ResourceVariable)

    init(_ id: TypeID, _ arena: TypeArena) {
        self = arena.resource(id).map { .resource($0) } ?? .value(id)
    }
}

/// Writes types of an arena into one index space. What is written once is referred to by number from then on; types of
/// the same bytes are one, so that equal types of several files are equal numbers.
final class TypeEncoder {
    let arena: TypeArena
    private let space: any TypeSpace
    private let outer: TypeEncoder?
    /// Gives names to types that are first used now.
    var bringIn: (TypeKey) throws -> Void = { _ in }
    private var numbers: [TypeKey: Int] = [:]
    private var definitions: [[UInt8]: Int] = [:]

    /// - Parameter outer: that of the component, for an instance type in it.
    init(_ arena: TypeArena, _ space: any TypeSpace, outer: TypeEncoder? = nil) {
        self.arena = arena
        self.space = space
        self.outer = outer
    }

    /// Says which number a type has; the first one counts.
    func bind(_ id: TypeID, to number: Int) {
        let key = TypeKey(id, self.arena)
        if self.numbers[key] == nil { self.numbers[key] = number }
    }

    /// Whether a type has a number here already.
    func hasNumber(_ id: TypeID) -> Bool { self.numbers[TypeKey(id, self.arena)] != nil }

    /// The number of a type that has a name, here or outside.
    func number(ofNamed id: TypeID) throws -> Int? {
        let key = TypeKey(id, self.arena)
        if let number = self.numbers[key] { return number }
        if let outer = self.outer {
            guard let number = try outer.number(ofNamed: id) else { return nil }
            self.numbers[key] = self.space.aliasOuter(number)
        } else {
            try self.bringIn(key)
        }
        return self.numbers[key]
    }

    /// The number of any type, which is written unless it has one.
    func number(of id: TypeID) throws -> Int {
        if let number = try self.number(ofNamed: id) { return number }
        try self.arena.spend()
        let number =
            switch self.arena[id].definition {
            case .value(let type): self.define(try self.encode(type))
            case .function(let shape): self.define(try self.encode(shape))
            case .resource: throw EncodingProblem("a type uses a resource that nothing here has")
            case .instance, .component: throw EncodingProblem("an instance or component is used as a type")
            }
        self.bind(id, to: number)
        return number
    }

    private func define(_ type: [UInt8]) -> Int {
        if let number = self.definitions[type] { return number }
        let number = self.space.define(type)
        self.definitions[type] = number
        return number
    }

    // MARK: - Types

    private func encode(_ shape: FunctionShape) throws -> [UInt8] {
        var bytes: [UInt8] = [shape.isAsync ? 0x43 : 0x40]
        bytes += WasmBinary.number(shape.parameters.count)
        for parameter in shape.parameters {
            bytes += WasmBinary.name(parameter.name) + (try self.encode(parameter.type))
        }
        guard let result = shape.result else { return bytes + [0x01, 0x00] }
        return bytes + [0x00] + (try self.encode(result))
    }

    private func encode(_ reference: ValueReference) throws -> [UInt8] {
        switch reference {
        case .primitive(let type): return [try self.code(type)]
        case .type(let id):
            var bytes: [UInt8] = []
            WasmBinary.append(signed: Int64(try self.number(of: id)), to: &bytes)
            return bytes
        }
    }

    private func encode(optional reference: ValueReference?) throws -> [UInt8] {
        guard let reference else { return [0x00] }
        return [0x01] + (try self.encode(reference))
    }

    private func encode(_ type: DefinedValueType) throws -> [UInt8] {
        func vector<Element>(_ elements: [Element], _ body: (Element) throws -> [UInt8]) rethrows -> [UInt8] {
            WasmBinary.number(elements.count) + (try elements.flatMap(body))
        }
        switch type {
        case .primitive(let type): return [try self.code(type)]
        case .record(let fields):
            return [0x72] + (try vector(fields) { WasmBinary.name($0.name) + (try self.encode($0.type)) })
        case .variant(let cases):
            return [0x71]
                + (try vector(cases) { WasmBinary.name($0.name) + (try self.encode(optional: $0.type)) + [0x00] })
        case .list(let element): return [0x70] + (try self.encode(element))
        case .fixedList(let element, let count): return [0x67] + (try self.encode(element)) + WasmBinary.number(count)
        case .tuple(let parts): return [0x6F] + (try vector(parts) { try self.encode($0) })
        case .flags(let labels): return [0x6E] + vector(labels) { WasmBinary.name($0) }
        case .enumeration(let labels): return [0x6D] + vector(labels) { WasmBinary.name($0) }
        case .option(let part): return [0x6B] + (try self.encode(part))
        case .result(let ok, let error):
            return [0x6A] + (try self.encode(optional: ok)) + (try self.encode(optional: error))
        case .own(let id): return [0x69] + WasmBinary.number(try self.number(of: id))
        case .borrow(let id): return [0x68] + WasmBinary.number(try self.number(of: id))
        case .stream(let part): return [0x66] + (try self.encode(optional: part))
        case .future(let part): return [0x65] + (try self.encode(optional: part))
        case .map(let key, let value): return [0x63] + (try self.encode(key)) + (try self.encode(value))
        }
    }

    private func code(_ type: ValueType) throws -> UInt8 {
        switch type {
        case .bool: 0x7F
        case .s8: 0x7E
        case .u8: 0x7D
        case .s16: 0x7C
        case .u16: 0x7B
        case .s32: 0x7A
        case .u32: 0x79
        case .s64: 0x78
        case .u64: 0x77
        case .f32: 0x76
        case .f64: 0x75
        case .char: 0x74
        case .string: 0x73
        case .errorContext: 0x64
        default: throw EncodingProblem("\(type) is used as a primitive type")
        }
    }
}

/// What cannot be written.
struct EncodingProblem: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
