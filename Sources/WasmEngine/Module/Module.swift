import CWasmtime

/// The kind of an import or export.
package enum ExternKind: UInt8, Sendable, Hashable {
    case function
    case global
    case table
    case memory
    case tag
}

package struct ModuleImport: Sendable, Hashable {
    package let module: String
    package let name: String
    package let kind: ExternKind
    /// Type of a function whose values are all of `ValueKind`.
    package let functionType: FunctionType?

    package init(module: String, name: String, kind: ExternKind, functionType: FunctionType?) {
        self.module = module
        self.name = name
        self.kind = kind
        self.functionType = functionType
    }
}

package struct ModuleExport: Sendable, Hashable {
    package let name: String
    package let kind: ExternKind
    /// Type of a function whose values are all of `ValueKind`.
    package let functionType: FunctionType?

    package init(name: String, kind: ExternKind, functionType: FunctionType?) {
        self.name = name
        self.kind = kind
        self.functionType = functionType
    }
}

/// A compiled core module.
package final class Module: Sendable {
    // A counted reference to immutable, thread-safe state.
    package nonisolated(unsafe) let pointer: OpaquePointer
    /// In the order of the module.
    package let imports: [ModuleImport]
    package let exports: [ModuleExport]
    /// Whether making an instance runs code of the guest.
    package let hasStart: Bool

    init(taking pointer: OpaquePointer, hasStart: Bool) {
        self.pointer = pointer
        self.hasStart = hasStart
        self.imports = Self.imports(of: pointer)
        self.exports = Self.exports(of: pointer)
    }

    deinit {
        wasmtime_module_delete(self.pointer)
    }

    /// The compiled code, to be loaded by an engine of the same fingerprint.
    package func serialize() throws(EngineError) -> [UInt8] {
        do throws(CErrorMessage) {
            return try CError.bytes { wasmtime_module_serialize(self.pointer, $0) }
        } catch {
            throw EngineError(.other, error.text)
        }
    }

    private static func imports(of pointer: OpaquePointer) -> [ModuleImport] {
        var vector = wasm_importtype_vec_t()
        wasmtime_module_imports(pointer, &vector)
        defer { wasm_importtype_vec_delete(&vector) }
        return UnsafeBufferPointer(start: vector.data, count: vector.size).compactMap { item in
            guard let item, let (kind, type) = Self.type(of: wasm_importtype_type(item)) else {
                return nil
            }
            return ModuleImport(
                module: CError.string(wasm_importtype_module(item).pointee),
                name: CError.string(wasm_importtype_name(item).pointee), kind: kind, functionType: type)
        }
    }

    private static func exports(of pointer: OpaquePointer) -> [ModuleExport] {
        var vector = wasm_exporttype_vec_t()
        wasmtime_module_exports(pointer, &vector)
        defer { wasm_exporttype_vec_delete(&vector) }
        return UnsafeBufferPointer(start: vector.data, count: vector.size).compactMap { item in
            guard let item, let (kind, type) = Self.type(of: wasm_exporttype_type(item)) else {
                return nil
            }
            return ModuleExport(
                name: CError.string(wasm_exporttype_name(item).pointee), kind: kind, functionType: type)
        }
    }

    private static func type(of type: OpaquePointer) -> (ExternKind, FunctionType?)? {
        guard let kind = ExternKind(rawValue: wasm_externtype_kind(type)) else {
            return nil
        }
        return (kind, wasm_externtype_as_functype_const(type).flatMap { FunctionType($0) })
    }
}
