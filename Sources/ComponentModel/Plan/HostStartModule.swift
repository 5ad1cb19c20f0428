import WasmEngine

/// Lets a function of the host be a start function: values pass through the memory of this module, which imports the
/// function as it is lowered, and exports it as one that can be lifted.
struct HostStartModule {
    static let memory = "memory"
    static let realloc = "realloc"
    static let start = "start"

    let type: ComponentFunctionType

    func encode() -> [UInt8] {
        var module = CoreModuleWriter()
        let function = module.importFunction("", self.type.loweredCoreType(.i32))
        module.export(Self.memory, .memory, module.memory(pages: 1))
        // The next free byte, behind what a null pointer might be taken for.
        module.global(16, isMutable: true)
        let realloc = module.function(AddressType.i32.realloc, locals: [BumpAllocator.local], BumpAllocator.code)
        module.export(Self.realloc, .function, realloc)
        let start = module.function(
            self.type.liftedCoreType(.i32), locals: [.i32], self.startCode(function, realloc: realloc))
        module.export(Self.start, .function, start)
        return module.encode()
    }

    /// Calls the function, with room for its result where it needs that.
    private func startCode(_ function: Int, realloc: Int) -> WasmCode {
        var code = WasmCode()
        let parameters = self.type.liftedCoreType(.i32).parameters
        for parameter in parameters.indices { code.localGet(parameter) }
        let layout = self.type.flatResults(.i32) == nil ? self.type.result?.layout(.i32) : nil
        if let layout {
            code.i32(0)
            code.i32(0)
            code.i32(UInt32(layout.alignment))
            code.i32(UInt32(layout.size))
            code.call(realloc)
            code.localTee(parameters.count)
        }
        code.call(function)
        if layout != nil { code.localGet(parameters.count) }
        return code
    }
}
