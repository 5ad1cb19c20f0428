import WasmEngine

/// Writes a core module that imports functions and exports each again under its number.
///
/// Instantiated pre-linked, it makes all host functions of a component in one step; taking them from its exports is
/// cheaper than making each anew for every instance (see `docs/design/components.md`).
struct ReexportModule {
    /// A number that names the function, and its type.
    private let functions: [(number: Int, type: FunctionType)]

    init(functions: [(Int, FunctionType)]) {
        self.functions = functions
    }

    /// The name of the import and of the export of the function with that number; the import's module name is empty.
    static func name(_ number: Int) -> String { String(number) }

    /// The module in binary form.
    func encode() -> [UInt8] {
        var types: [FunctionType] = []
        var typeIndices: [FunctionType: Int] = [:]
        var imports: [UInt8] = []
        var exports: [UInt8] = []
        for (index, (number, type)) in self.functions.enumerated() {
            let typeIndex =
                typeIndices[type]
                ?? {
                    types.append(type)
                    typeIndices[type] = types.count - 1
                    return types.count - 1
                }()
            let name = Self.name(number)
            WasmBinary.append("", to: &imports)
            WasmBinary.append(name, to: &imports)
            imports.append(0)
            WasmBinary.append(UInt64(typeIndex), to: &imports)
            WasmBinary.append(name, to: &exports)
            exports.append(0)
            WasmBinary.append(UInt64(index), to: &exports)
        }
        var typeSection: [UInt8] = []
        for type in types {
            typeSection += [0x60] + Self.vector(type.parameters) + Self.vector(type.results)
        }
        return [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0]
            + WasmBinary.section(1, count: types.count, typeSection)
            + WasmBinary.section(2, count: self.functions.count, imports)
            + WasmBinary.section(7, count: self.functions.count, exports)
    }

    private static func vector(_ kinds: [ValueKind]) -> [UInt8] {
        var bytes: [UInt8] = []
        WasmBinary.append(UInt64(kinds.count), to: &bytes)
        return bytes + kinds.map(\.binaryCode)
    }
}

extension ValueKind {
    /// The type's code in the binary format.
    fileprivate var binaryCode: UInt8 {
        switch self {
        case .i32: 0x7F
        case .i64: 0x7E
        case .f32: 0x7D
        case .f64: 0x7C
        case .v128: 0x7B
        case .funcref: 0x70
        case .externref: 0x6F
        }
    }
}
