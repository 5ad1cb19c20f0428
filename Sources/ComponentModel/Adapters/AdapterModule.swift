/// A core module of adapters, as it is put together: what it imports, its functions, its exports.
struct AdapterModule {
    /// At most so many bytes of code in all adapters of a component: types repeat, a hostile file's without end.
    static let maximumCode = 16 << 20

    /// What another module or the host supplies.
    private struct Import {
        let kind: UInt8
        let description: [UInt8]
        let source: CoreDefinition
    }

    /// What an adapter calls: a function from elsewhere, by the module's index, or another adapter of the same module,
    /// by its trampoline.
    enum Callee {
        case imported(Int)
        case adapter(Int)
    }

    /// Where in the code another adapter of the module is called.
    struct LaterCall {
        let place: Int
        let adapter: Int
    }

    private struct Function {
        let type: Int
        let locals: [CoreType]
        var code: WasmCode
        let laterCalls: [LaterCall]
    }

    private var types: [CoreFunctionType] = []
    private var typeIndices: [CoreFunctionType: Int] = [:]
    private var imports: [Import] = []
    private var functionImports: [CoreDefinition: Int] = [:]
    private var memoryImports: [CoreDefinition: Int] = [:]
    private var globalImports: [CoreDefinition: Int] = [:]
    private var functions: [Function] = []
    /// Positions in `functions` of adapters, by trampoline.
    private var adapters: [Int: Int] = [:]
    /// Names of the functions, in their order.
    private var names: [String] = []
    /// How many globals the module defines: flags of component instances.
    private let definedFlags: Int

    /// - Parameter definedFlags: the first module of a component defines the flags of all component instances.
    init(definedFlags: Int) {
        self.definedFlags = definedFlags
    }

    static func exportName(adapter: Int) -> String { "adapter\(adapter)" }
    static func exportName(parametersOf trampoline: Int) -> String { "parameters\(trampoline)" }
    static func exportName(resultOf trampoline: Int) -> String { "result\(trampoline)" }
    static func exportName(flag: Int) -> String { "may-leave\(flag)" }

    // MARK: Index spaces

    mutating func type(_ type: CoreFunctionType) -> Int {
        if let index = self.typeIndices[type] { return index }
        self.types.append(type)
        self.typeIndices[type] = self.types.count - 1
        return self.types.count - 1
    }

    mutating func function(_ source: CoreDefinition, _ type: CoreFunctionType) -> Int {
        if let index = self.functionImports[source] { return index }
        var description: [UInt8] = []
        WasmBinary.append(UInt64(self.type(type)), to: &description)
        self.imports.append(Import(kind: 0, description: description, source: source))
        let index = self.functionImports.count
        self.functionImports[source] = index
        return index
    }

    mutating func memory(_ source: CoreDefinition, _ addressType: AddressType) -> Int {
        if let index = self.memoryImports[source] { return index }
        // Of any size.
        let flags: UInt8 = addressType == .i64 ? 0x04 : 0
        self.imports.append(Import(kind: 2, description: [flags, 0], source: source))
        let index = self.memoryImports.count
        self.memoryImports[source] = index
        return index
    }

    /// A mutable `i32` global. A module that defines flags imports none.
    mutating func global(_ source: CoreDefinition) -> Int {
        if let index = self.globalImports[source] { return index }
        self.imports.append(Import(kind: 3, description: [0x7F, 1], source: source))
        let index = self.globalImports.count
        self.globalImports[source] = index
        return index
    }

    /// - Parameter adapter: the trampoline by which other adapters of the module may call it.
    mutating func add(name: String, adapter: Int? = nil, type: CoreFunctionType, _ compiler: AdapterCompiler) {
        if let adapter { self.adapters[adapter] = self.functions.count }
        self.names.append(name)
        self.functions.append(
            Function(
                type: self.type(type), locals: compiler.localTypes, code: compiler.code,
                laterCalls: compiler.laterCalls))
    }

    // MARK: Result

    /// The imports in the module's order.
    var coreImports: [ComponentPlan.CoreImport] {
        self.imports.enumerated().map { .init(module: "", name: String($0.offset), source: $0.element.source) }
    }

    func encode() -> [UInt8] {
        var types: [UInt8] = []
        for type in self.types {
            types.append(0x60)
            for values in [type.parameters, type.results] {
                WasmBinary.append(UInt64(values.count), to: &types)
                types += values.map(\.rawValue)
            }
        }
        var imports: [UInt8] = []
        for (index, item) in self.imports.enumerated() {
            WasmBinary.append("", to: &imports)
            WasmBinary.append(String(index), to: &imports)
            imports.append(item.kind)
            imports += item.description
        }
        var functions: [UInt8] = []
        var code: [UInt8] = []
        for function in self.functions {
            WasmBinary.append(UInt64(function.type), to: &functions)
            let body = self.body(function)
            WasmBinary.append(UInt64(body.count), to: &code)
            code += body
        }
        let globals = (0..<self.definedFlags).flatMap { _ in [0x7F, 1, 0x41, 1, 0x0B] as [UInt8] }
        var exports: [UInt8] = []
        for (position, name) in self.names.enumerated() {
            WasmBinary.append(name, to: &exports)
            exports.append(0)
            WasmBinary.append(UInt64(self.functionImports.count + position), to: &exports)
        }
        for flag in 0..<self.definedFlags {
            WasmBinary.append(Self.exportName(flag: flag), to: &exports)
            exports.append(3)
            WasmBinary.append(UInt64(flag), to: &exports)
        }
        return [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0]
            + WasmBinary.section(1, count: self.types.count, types)
            + WasmBinary.section(2, count: self.imports.count, imports)
            + WasmBinary.section(3, count: self.functions.count, functions)
            + WasmBinary.section(6, count: self.definedFlags, globals)
            + WasmBinary.section(7, count: self.names.count + self.definedFlags, exports)
            + WasmBinary.section(10, count: self.functions.count, code)
    }

    private func body(_ function: Function) -> [UInt8] {
        var code = function.code
        for call in function.laterCalls {
            // Only adapters of this module are called so.
            guard let position = self.adapters[call.adapter] else { continue }
            code.patch(call.place, function: self.functionImports.count + position)
        }
        var body: [UInt8] = []
        WasmBinary.append(UInt64(function.locals.count), to: &body)
        for local in function.locals { body += [1, local.rawValue] }
        return body + code.bytes + [WasmCode.Op.end.rawValue]
    }
}
