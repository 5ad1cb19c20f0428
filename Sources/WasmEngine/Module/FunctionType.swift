package import CWasmtime

/// The type of a core value.
package enum ValueKind: UInt8, Sendable, Hashable, CaseIterable {
    case i32
    case i64
    case f32
    case f64
    case v128
    case funcref
    case externref
}

/// The type of a core function.
package struct FunctionType: Sendable, Hashable, CustomStringConvertible {
    package var parameters: [ValueKind]
    package var results: [ValueKind]

    package init(parameters: [ValueKind] = [], results: [ValueKind] = []) {
        self.parameters = parameters
        self.results = results
    }

    package var description: String {
        func list(_ kinds: [ValueKind]) -> String {
            "(\(kinds.map { "\($0)" }.joined(separator: ", ")))"
        }
        return "\(list(self.parameters)) -> \(list(self.results))"
    }

    /// A C object of the type, which the caller deletes.
    package func make() -> OpaquePointer {
        var parameters = Self.vector(self.parameters)
        var results = Self.vector(self.results)
        return wasm_functype_new(&parameters, &results)
    }

    private static func vector(_ kinds: [ValueKind]) -> wasm_valtype_vec_t {
        let types: [OpaquePointer?] = kinds.map { kind in
            switch kind {
            case .i32: wasm_valtype_new(UInt8(WASM_I32))
            case .i64: wasm_valtype_new(UInt8(WASM_I64))
            case .f32: wasm_valtype_new(UInt8(WASM_F32))
            case .f64: wasm_valtype_new(UInt8(WASM_F64))
            case .v128: wasmtime_wasm_valtype_v128()
            case .funcref: wasm_valtype_new(UInt8(WASM_FUNCREF))
            case .externref: wasm_valtype_new(UInt8(WASM_EXTERNREF))
            }
        }
        var vector = wasm_valtype_vec_t()
        wasm_valtype_vec_new(&vector, types.count, types)
        return vector
    }

    /// Reads a C object; nil when a value's type is none of `ValueKind`, as typed references are.
    package init?(_ type: OpaquePointer) {
        guard let parameters = Self.kinds(wasm_functype_params(type)),
            let results = Self.kinds(wasm_functype_results(type))
        else {
            return nil
        }
        self.init(parameters: parameters, results: results)
    }

    /// The type of a function of a store; nil when a value's type is none of `ValueKind`.
    package init?(of function: wasmtime_func_t, in store: Store) {
        var function = function
        let type = wasmtime_func_type(store.context, &function)
        defer { wasm_functype_delete(type) }
        self.init(type)
    }

    private static func kinds(_ vector: UnsafePointer<wasm_valtype_vec_t>) -> [ValueKind]? {
        var kinds: [ValueKind] = []
        for type in UnsafeBufferPointer(start: vector.pointee.data, count: vector.pointee.size) {
            guard let type, let kind = Self.kind(type) else {
                return nil
            }
            kinds.append(kind)
        }
        return kinds
    }

    /// `wasm_valtype_kind` aborts the process on vectors and typed references; this one does not.
    private static func kind(_ type: OpaquePointer) -> ValueKind? {
        var description = wasmtime_valtype_t()
        wasmtime_valtype_new(type, &description)
        defer { wasmtime_valtype_delete(&description) }
        guard description.kind == UInt8(WASMTIME_VALTYPE_REF) else {
            return description.kind <= UInt8(WASMTIME_V128) ? ValueKind(rawValue: description.kind) : nil
        }
        guard description.ref.nullable else {
            return nil
        }
        switch Int(description.ref.heap.kind) {
        case Int(WASMTIME_HEAPTYPE_FUNC): return .funcref
        case Int(WASMTIME_HEAPTYPE_EXTERN): return .externref
        default: return nil
        }
    }
}
