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
        var declarations: [UInt8] = []
        var exports: [UInt8] = []
        var code: [UInt8] = []
        for (index, function) in self.functions.enumerated() {
            WasmBinary.append(UInt64(index), to: &declarations)
            WasmBinary.append(String(index), to: &exports)
            exports.append(0)
            WasmBinary.append(UInt64(index), to: &exports)
            var body: [UInt8] = [0]
            for parameter in function.type.parameters.indices {
                body.append(0x20)
                WasmBinary.append(UInt64(parameter), to: &body)
            }
            body += Self.constant(index)
            body.append(0x11)
            WasmBinary.append(UInt64(index), to: &body)
            body += [0, 0x0b]
            WasmBinary.append(UInt64(body.count), to: &code)
            code += body
        }
        WasmBinary.append(Self.table, to: &exports)
        exports += [1, 0]
        let count = self.functions.count
        return WasmKind.coreModulePreamble + self.types + WasmBinary.section(3, count: count, declarations)
            + WasmBinary.section(4, count: 1, self.tableType) + WasmBinary.section(7, count: count + 1, exports)
            + WasmBinary.section(10, count: count, code)
    }

    /// The module that fills the table.
    var fixup: [UInt8] {
        var imports: [UInt8] = []
        WasmBinary.append("", to: &imports)
        WasmBinary.append(Self.table, to: &imports)
        imports.append(1)
        imports += self.tableType
        var elements: [UInt8] = [0] + Self.constant(0) + [0x0b]
        WasmBinary.append(UInt64(self.functions.count), to: &elements)
        for index in self.functions.indices {
            WasmBinary.append("", to: &imports)
            WasmBinary.append(String(index), to: &imports)
            imports.append(0)
            WasmBinary.append(UInt64(index), to: &imports)
            WasmBinary.append(UInt64(index), to: &elements)
        }
        return WasmKind.coreModulePreamble + self.types
            + WasmBinary.section(2, count: self.functions.count + 1, imports)
            + WasmBinary.section(9, count: 1, elements)
    }

    private var types: [UInt8] {
        var types: [UInt8] = []
        for function in self.functions {
            types.append(0x60)
            for values in [function.type.parameters, function.type.results] {
                WasmBinary.append(UInt64(values.count), to: &types)
                types += values.map(\.rawValue)
            }
        }
        return WasmBinary.section(1, count: self.functions.count, types)
    }

    /// References to functions, as many as there are.
    private var tableType: [UInt8] {
        var type: [UInt8] = [0x70, 1]
        WasmBinary.append(UInt64(self.functions.count), to: &type)
        WasmBinary.append(UInt64(self.functions.count), to: &type)
        return type
    }

    /// `i32.const`, whose number is signed.
    private static func constant(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x41]
        var rest = value
        while rest >= 64 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
