import WasmEngine

/// Lets a function of the host be a start function: values pass through the memory of this module, which imports the
/// function as it is lowered, and exports it as one that can be lifted.
struct HostStartModule {
    static let memory = "memory"
    static let realloc = "realloc"
    static let start = "start"

    let type: ComponentFunctionType

    // Indices of its functions: the import comes first.
    private static let hostFunction = 0
    private static let reallocFunction = 1

    func encode() -> [UInt8] {
        var types: [UInt8] = []
        for type in [self.type.loweredCoreType(.i32), AddressType.i32.realloc, self.type.liftedCoreType(.i32)] {
            types.append(0x60)
            for values in [type.parameters, type.results] {
                WasmBinary.append(UInt64(values.count), to: &types)
                types += values.map(\.rawValue)
            }
        }
        var exports: [UInt8] = []
        for (name, kind, index) in [(Self.memory, 2, 0), (Self.realloc, 0, 1), (Self.start, 0, 2)]
            as [(_, UInt8, UInt8)]
        {
            WasmBinary.append(name, to: &exports)
            exports += [kind, index]
        }
        var code: [UInt8] = []
        for function in [BumpAllocator.code, self.startCode] {
            // One local each, an `i32`.
            let body = [1, 1, BumpAllocator.local.rawValue] + function.bytes + [WasmCode.Op.end.rawValue]
            WasmBinary.append(UInt64(body.count), to: &code)
            code += body
        }
        // The next free byte, behind what a null pointer might be taken for.
        let next: [UInt8] = [CoreType.i32.rawValue, 1, 0x41, 16, WasmCode.Op.end.rawValue]
        return WasmKind.coreModulePreamble
            + WasmBinary.section(1, count: 3, types)
            + WasmBinary.section(2, count: 1, [0, 0, 0, 0])
            + WasmBinary.section(3, count: 2, [1, 2])
            + WasmBinary.section(5, count: 1, [0, 1])
            + WasmBinary.section(6, count: 1, next)
            + WasmBinary.section(7, count: 3, exports)
            + WasmBinary.section(10, count: 2, code)
    }

    /// Calls the function, with room for its result where it needs that.
    private var startCode: WasmCode {
        var code = WasmCode()
        let parameters = self.type.liftedCoreType(.i32).parameters
        for parameter in parameters.indices { code.localGet(parameter) }
        let layout = self.type.flatResults(.i32) == nil ? self.type.result?.layout(.i32) : nil
        if let layout {
            code.i32(0)
            code.i32(0)
            code.i32(UInt32(layout.alignment))
            code.i32(UInt32(layout.size))
            code.call(Self.reallocFunction)
            code.localTee(parameters.count)
        }
        code.call(Self.hostFunction)
        if layout != nil { code.localGet(parameters.count) }
        return code
    }
}
