/// A core module of adapters, as it is put together: what it imports, its functions, its exports.
struct AdapterModule {
    /// At most so many bytes of code in all adapters of a component: types repeat, a hostile file's without end.
    static let maximumCode = 16 << 20

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
        let name: String
        let type: CoreFunctionType
        let locals: [CoreType]
        var code: WasmCode
        let laterCalls: [LaterCall]
    }

    private var writer = CoreModuleWriter()
    /// What the imports come from, in the module's order.
    private var sources: [CoreDefinition] = []
    private var functionImports: [CoreDefinition: Int] = [:]
    private var memoryImports: [CoreDefinition: Int] = [:]
    private var globalImports: [CoreDefinition: Int] = [:]
    private var functions: [Function] = []
    /// Positions in `functions` of adapters, by trampoline.
    private var adapters: [Int: Int] = [:]
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

    // MARK: Imports

    /// The name of the next import, which comes from there.
    private mutating func name(of source: CoreDefinition) -> String {
        self.sources.append(source)
        return String(self.sources.count - 1)
    }

    mutating func function(_ source: CoreDefinition, _ type: CoreFunctionType) -> Int {
        if let index = self.functionImports[source] { return index }
        let index = self.writer.importFunction(self.name(of: source), type)
        self.functionImports[source] = index
        return index
    }

    /// A memory of any size.
    mutating func memory(_ source: CoreDefinition, _ addressType: AddressType) -> Int {
        if let index = self.memoryImports[source] { return index }
        let type = CoreModuleWriter.memoryType(addressType, pages: 0)
        let index = self.writer.importItem(self.name(of: source), .memory, type)
        self.memoryImports[source] = index
        return index
    }

    /// A mutable `i32` global. A module that defines flags imports none.
    mutating func global(_ source: CoreDefinition) -> Int {
        if let index = self.globalImports[source] { return index }
        let type = CoreModuleWriter.globalType(.i32, isMutable: true)
        let index = self.writer.importItem(self.name(of: source), .global, type)
        self.globalImports[source] = index
        return index
    }

    // MARK: Functions

    /// - Parameter adapter: the trampoline by which other adapters of the module may call it.
    mutating func add(name: String, adapter: Int? = nil, type: CoreFunctionType, _ compiler: AdapterCompiler) {
        if let adapter { self.adapters[adapter] = self.functions.count }
        self.functions.append(
            Function(
                name: name, type: type, locals: compiler.localTypes, code: compiler.code,
                laterCalls: compiler.laterCalls))
    }

    // MARK: Result

    /// The imports in the module's order.
    var coreImports: [ComponentPlan.CoreImport] {
        self.sources.enumerated().map { .init(module: "", name: String($0.offset), source: $0.element) }
    }

    func encode() -> [UInt8] {
        var writer = self.writer
        for function in self.functions {
            var code = function.code
            for call in function.laterCalls {
                // Only adapters of this module are called so.
                guard let position = self.adapters[call.adapter] else { continue }
                code.patch(call.place, function: self.functionImports.count + position)
            }
            let index = writer.function(function.type, locals: function.locals, code)
            writer.export(function.name, .function, index)
        }
        for flag in 0..<self.definedFlags {
            writer.export(Self.exportName(flag: flag), .global, writer.global(1, isMutable: true))
        }
        return writer.encode()
    }
}
