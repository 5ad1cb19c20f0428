/// The core module of functions that answer always the same: a pointer to what is in memory from the beginning.
struct RefusingModule {
    private let memory: String
    private let realloc: String
    private var data = StaticValues()
    private var types: [CoreFunctionType] = [AddressType.i32.realloc]
    private var functions: [(name: String, type: Int, code: WasmCode)] = []

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
        let type = arena.coreType(ofLifted: shape)
        let index = self.types.firstIndex(of: type) ?? self.types.count
        if index == self.types.count { self.types.append(type) }
        self.functions.append((name, index, code))
    }

    func encode() -> [UInt8] {
        let heap = Layout.align(self.data.bytes.count, to: 16)
        let functions = [(name: self.realloc, type: 0, code: BumpAllocator.code)] + self.functions
        var types: [UInt8] = []
        for type in self.types {
            types.append(0x60)
            for values in [type.parameters, type.results] {
                types += WasmBinary.number(values.count) + values.map(\.rawValue)
            }
        }
        var memoryLimits: [UInt8] = [0x00]
        memoryLimits += WasmBinary.number(heap >> Int(BumpAllocator.pageBits) + 1)
        var exports: [UInt8] = WasmBinary.name(self.memory) + [0x02, 0x00]
        var code: [UInt8] = []
        for (index, function) in functions.enumerated() {
            exports += WasmBinary.name(function.name) + [0x00] + WasmBinary.number(index)
            // One local, which `realloc` alone needs.
            let body = [0x01, 0x01, BumpAllocator.local.rawValue] + function.code.bytes + [WasmCode.Op.end.rawValue]
            code += WasmBinary.number(body.count) + body
        }
        // The next free byte, and the first.
        let globals = [UInt8(1), 0].flatMap { isMutable in
            var start = WasmCode()
            start.i32(UInt32(heap))
            return [CoreType.i32.rawValue, isMutable] + start.bytes + [WasmCode.Op.end.rawValue]
        }
        let data = [0x00, 0x41, 0x00, 0x0B] + WasmBinary.number(self.data.bytes.count) + self.data.bytes
        return WasmKind.coreModulePreamble
            + WasmBinary.section(1, count: self.types.count, types)
            + WasmBinary.section(3, count: functions.count, functions.flatMap { WasmBinary.number($0.type) })
            + WasmBinary.section(5, count: 1, memoryLimits)
            + WasmBinary.section(6, count: 2, globals)
            + WasmBinary.section(7, count: functions.count + 1, exports)
            + WasmBinary.section(10, count: functions.count, code)
            + WasmBinary.section(11, count: 1, data)
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
