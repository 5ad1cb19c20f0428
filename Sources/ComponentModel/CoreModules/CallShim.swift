import WasmEngine

/// Lets a module import functions that can only be made when its own instance is up: calls of other components, which
/// need its memory. It imports functions of one module that call through a table; another module fills that later.
///
/// The same as wit-component's shim and fixup modules.
struct CallShim {
    private static let table = "t"

    /// Where the module that has the table stands in the plan.
    let step: Int
    private var functions: [(type: CoreFunctionType, source: CoreDefinition)] = []

    init(step: Int) {
        self.step = step
    }

    /// What can be imported now, in place of a function that `source` will be.
    mutating func add(_ source: CoreDefinition, _ type: CoreFunctionType) -> CoreDefinition {
        self.functions.append((type, source))
        return .export(instance: self.step, name: String(self.functions.count - 1))
    }

    /// What the module that fills the table imports.
    var fixupImports: [ComponentPlan.CoreImport] {
        let table = ComponentPlan.CoreImport(
            module: "", name: Self.table, source: .export(instance: self.step, name: Self.table))
        return [table]
            + self.functions.enumerated().map { .init(module: "", name: String($0.offset), source: $0.element.source) }
    }

    // MARK: Binaries

    /// The module with the table.
    var shim: [UInt8] {
        var module = CoreModuleWriter()
        for (index, function) in self.functions.enumerated() {
            var code = WasmCode()
            for parameter in function.type.parameters.indices { code.localGet(parameter) }
            code.i32(UInt32(truncatingIfNeeded: index))
            code.callIndirect(type: module.type(function.type))
            module.export(String(index), .function, module.function(function.type, code))
        }
        module.export(Self.table, .table, module.table(self.functions.count))
        return module.encode()
    }

    /// The module that fills the table.
    var fixup: [UInt8] {
        var module = CoreModuleWriter()
        module.importItem(Self.table, .table, CoreModuleWriter.tableType(self.functions.count))
        let functions = self.functions.enumerated().map { module.importFunction(String($0.offset), $0.element.type) }
        module.elements(functions)
        return module.encode()
    }
}
