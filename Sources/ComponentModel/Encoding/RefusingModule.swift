/// The core module of functions that answer always the same: a pointer to what is in memory from the beginning.
struct RefusingModule {
    private let memory: String
    private let realloc: String
    private var data = StaticValues()
    private var functions: [(name: String, type: CoreFunctionType, code: WasmCode)] = []

    init(memory: String, realloc: String) {
        self.memory = memory
        self.realloc = realloc
    }

    mutating func add(_ name: String, _ shape: FunctionShape, _ arena: TypeArena, _ denial: Denial) {
        var code = WasmCode()
        // What arguments took is free again.
        code.globalGet(1)
        code.globalSet(BumpAllocator.nextFree)
        let result = shape.result.flatMap { arena.valueType($0) }
        if let result, let refusal = DeniedFunction.refusal(result, denial),
            let address = self.data.add(refusal, result)
        {
            code.i32(UInt32(address))
            // One that fits into a core value is the value of its first byte: a `result` of nothing.
            if result.flatTypes(.i32, limit: Flattening.maximumResults) != nil {
                code.access(.i32Load8U, memory: 0, offset: 0)
            }
        } else {
            code.op(.unreachable)
        }
        self.functions.append((name, arena.coreType(ofLifted: shape), code))
    }

    func encode() -> [UInt8] {
        let heap = Layout.align(self.data.bytes.count, to: 16)
        var module = CoreModuleWriter()
        module.memory(pages: heap >> Int(BumpAllocator.pageBits) + 1)
        module.export(self.memory, .memory, 0)
        // The next free byte, and the first.
        module.global(UInt32(heap), isMutable: true)
        module.global(UInt32(heap), isMutable: false)
        module.export(
            self.realloc, .function,
            module.function(AddressType.i32.realloc, locals: [BumpAllocator.local], BumpAllocator.code))
        for function in self.functions {
            module.export(function.name, .function, module.function(function.type, function.code))
        }
        module.data(self.data.bytes)
        return module.encode()
    }
}

extension TypeArena {
    /// The largest type that is written out, in nodes.
    private static let expansionLimit = 10_000

    /// A type without numbers; resources are all the same. Nil for what is too large.
    fileprivate func valueType(_ reference: ValueReference) -> ValueType? {
        switch reference {
        case .primitive(let type): return type
        case .type(let id):
            guard self[id].nodes <= Self.expansionLimit, case .value(let type) = self[id].definition else { return nil }
            return self.valueType(type)
        }
    }

    private func valueType(_ type: DefinedValueType) -> ValueType? {
        // Parts are smaller than the whole, which was looked at.
        func part(_ reference: ValueReference) -> ValueType { self.valueType(reference) ?? .bool }
        switch type {
        case .primitive(let type): return type
        case .record(let fields): return .record(fields.map { .init($0.name, part($0.type)) })
        case .variant(let cases): return .variant(cases.map { .init($0.name, $0.type.map(part)) })
        case .list(let element): return .list(part(element))
        case .fixedList(let element, let count): return .fixedList(part(element), count)
        case .map(let key, let value): return .list(.tuple([part(key), part(value)]))
        case .tuple(let parts): return .tuple(parts.map(part))
        case .flags(let labels): return .flags(labels)
        case .enumeration(let labels): return .enum(labels)
        case .option(let value): return .option(part(value))
        case .result(let ok, let error): return .result(ok: ok.map(part), error: error.map(part))
        case .own: return .own(ResourceID(0))
        case .borrow: return .borrow(ResourceID(0))
        case .stream(let element): return .stream(element.map(part))
        case .future(let element): return .future(element.map(part))
        }
    }

    /// The core function that a function is lifted from, one that is not asynchronous (CanonicalABI.md, "Flattening").
    fileprivate func coreType(ofLifted shape: FunctionShape) -> CoreFunctionType {
        var parameters: [CoreType] = []
        let areFlat = shape.parameters.allSatisfy {
            self.flatten($0.type, .i32, into: &parameters, limit: Flattening.maximumParameters)
        }
        var results: [CoreType] = []
        let isFlat =
            shape.result.map {
                self.flatten($0, .i32, into: &results, limit: Flattening.maximumResults)
            } ?? true
        return CoreFunctionType(areFlat ? parameters : [.i32], isFlat ? results : [.i32])
    }
}
