import CWasmtime
import Testing
import WasmEngine

/// Proves our declarations of the library's structures against the library that is loaded.
@Suite struct LayoutTests {
    let engine: Engine
    static let everything = """
        (module
          (func (export "f") (param i32 i64) (result i32 f64) (i32.const 1) (f64.const 2))
          (global (export "g") (mut i64) (i64.const 7))
          (table (export "t") 3 5 funcref)
          (memory (export "m") 1 2)
          (func (export "v") (param v128 i32) (result v128) (local.get 0)))
        """

    init() throws {
        self.engine = try Shared.engine.get()
    }

    /// Bytes around a structure that nobody may touch.
    static let guardSize = 64
    static let canary: UInt8 = 0xAA

    /// Lets the library write a structure amid guard bytes, and returns which of its bytes it may have written.
    ///
    /// Two runs, with different bytes before: what differs after both was not written.
    func written<T>(_ type: T.Type, by fill: (UnsafeMutablePointer<T>) -> Void) -> [Bool] {
        let size = MemoryLayout<T>.stride
        func run(_ byte: UInt8) -> [UInt8] {
            let area = UnsafeMutableRawBufferPointer.allocate(
                byteCount: size + 2 * Self.guardSize, alignment: MemoryLayout<T>.alignment)
            defer { area.deallocate() }
            for index in area.indices {
                area[index] = byte
            }
            let start = area.baseAddress.unsafelyUnwrapped + Self.guardSize
            fill(start.bindMemory(to: T.self, capacity: 1))
            #expect(area.prefix(Self.guardSize).allSatisfy { $0 == byte }, "bytes before \(type) were written")
            #expect(area.suffix(Self.guardSize).allSatisfy { $0 == byte }, "bytes after \(type) were written")
            return Array(area[Self.guardSize..<Self.guardSize + size])
        }
        let (first, second) = (run(Self.canary), run(0x55))
        return zip(first, second).map { $0 == $1 || !($0 == Self.canary && $1 == 0x55) }
    }

    func ranges(_ written: [Bool]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, isWritten) in written.enumerated() where isWritten {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    @Test func everySymbolResolves() throws {
        let library = try WasmtimeLibrary.load()
        #expect(library.version == "50")
        #expect(cwasmtime_symbol_count() > 100)
        for index in 0..<cwasmtime_symbol_count() {
            #expect(cwasmtime_symbol_is_set(index), "\(String(cString: cwasmtime_symbol_name(index)))")
        }
    }

    @Test func instanceIsTwoWords() throws {
        let pre = try Linker(self.engine).preInstantiate(try module(Self.everything, engine: self.engine))
        let store = Store(self.engine)
        let written = self.written(wasmtime_instance_t.self) { out in
            var trap: OpaquePointer?
            #expect(wasmtime_instance_pre_instantiate(pre.pointer, store.context, out, &trap) == nil)
        }
        // The second word is 32 bits in the library: an index.
        #expect(self.ranges(written) == [0..<12])
        #expect(MemoryLayout<wasmtime_instance_t>.stride == 16)
    }

    @Test(arguments: [
        ("f", UInt8(WASMTIME_EXTERN_FUNC), [0..<1, 8..<24]),
        ("g", UInt8(WASMTIME_EXTERN_GLOBAL), [0..<1, 8..<28]),
        ("t", UInt8(WASMTIME_EXTERN_TABLE), [0..<1, 8..<20, 24..<28]),
        ("m", UInt8(WASMTIME_EXTERN_MEMORY), [0..<1, 8..<20, 24..<28]),
    ])
    func externsAreWrittenWhereWeReadThem(name: String, kind: UInt8, expected: [Range<Int>]) throws {
        let store = Store(self.engine)
        var instance = try store.instantiate(
            try Linker(self.engine).preInstantiate(try module(Self.everything, engine: self.engine)))
        let bytes = Array(name.utf8)
        let written = self.written(wasmtime_extern_t.self) { out in
            #expect(wasmtime_instance_export_get(store.context, &instance, bytes, bytes.count, out))
            #expect(out.pointee.kind == kind)
            #expect(out.pointee.of.func.store_id == instance.store_id)
        }
        // Padding may be written or not; what we read must be.
        for range in expected {
            #expect(written[range].allSatisfy { $0 }, "\(name): \(self.ranges(written))")
        }
    }

    @Test func arraysOfExternsHaveOurStride() throws {
        let store = Store(self.engine)
        let provider = try store.instantiate(
            try Linker(self.engine).preInstantiate(try module(Self.everything, engine: self.engine)))
        let user = try module(
            """
            (module
              (import "a" "m" (memory 1))
              (import "a" "f" (func $f (param i32 i64) (result i32 f64)))
              (import "a" "t" (table 3 funcref))
              (import "a" "g" (global $g (mut i64)))
              (func (export "sum") (result i32)
                (i32.add
                  (i32.wrap_i64 (global.get $g))
                  (i32.add (i32.add (memory.size) (table.size 0)) (call $f (i32.const 0) (i64.const 0)) drop))))
            """, engine: self.engine)
        let imports = try ["m", "f", "t", "g"].map { try #require(store.export(of: provider, named: $0)) }
        let instance = try imports.withUnsafeBufferPointer { try store.instantiate(user, imports: $0) }
        #expect(try store.run(instance, "sum") == 7 + 1 + 3 + 1)
    }

    @Test func valuesAreWrittenWhereWeReadThem() throws {
        let store = Store(self.engine)
        let instance = try store.instantiate(
            try Linker(self.engine).preInstantiate(try module(Self.everything, engine: self.engine)))
        var global = try #require(store.export(of: instance, named: "g")).of.global
        let written = self.written(wasmtime_val_t.self) { out in
            wasmtime_global_get(store.context, &global, out)
            #expect(out.pointee.kind == UInt8(WASMTIME_I64))
            #expect(out.pointee.of.i64 == 7)
        }
        #expect(written[0] && written[8..<16].allSatisfy { $0 })
        var value = wasmtime_val_t()
        value.kind = UInt8(WASMTIME_I64)
        value.of.i64 = -5
        #expect(wasmtime_global_set(store.context, &global, &value) == nil)
        wasmtime_global_get(store.context, &global, &value)
        #expect(value.of.i64 == -5)

        var table = try #require(store.export(of: instance, named: "t")).of.table
        var function = wasmtime_val_t()
        function.kind = UInt8(WASMTIME_FUNCREF)
        function.of.funcref = try #require(store.function(of: instance, named: "f"))
        #expect(wasmtime_table_set(store.context, &table, 1, &function) == nil)
        var read = wasmtime_val_t()
        #expect(wasmtime_table_get(store.context, &table, 1, &read))
        #expect(read.kind == UInt8(WASMTIME_FUNCREF))
        #expect(read.of.funcref.store_id == function.of.funcref.store_id)
        #expect(wasmtime_table_get(store.context, &table, 0, &read))
        #expect(read.of.funcref.store_id == 0)
        var previous: UInt64 = 0
        #expect(wasmtime_table_grow(store.context, &table, 2, &function, &previous) == nil)
        #expect(previous == 3)
        #expect(wasmtime_table_size(store.context, &table) == 5)
    }

    @Test func rawValuesAre16BytesApart() throws {
        let store = Store(self.engine)
        let instance = try store.instantiate(
            try Linker(self.engine).preInstantiate(try module(Self.everything, engine: self.engine)))
        let function = try #require(store.function(of: instance, named: "v"))
        let area = UnsafeMutableBufferPointer<RawValue>.allocate(capacity: 4)
        defer { area.deallocate() }
        UnsafeMutableRawBufferPointer(area).copyBytes(from: [UInt8](repeating: Self.canary, count: 64))
        for index in 0..<16 {
            UnsafeMutableRawBufferPointer(area)[index] = UInt8(index)
        }
        area[1].i32 = 9
        try store.call(function, UnsafeMutableBufferPointer(rebasing: area[0..<2]))
        let bytes = Array(UnsafeRawBufferPointer(area))
        #expect(Array(bytes[0..<16]) == Array(0..<16))
        #expect(bytes[32...].allSatisfy { $0 == Self.canary })

        let two = try #require(store.function(of: instance, named: "f"))
        try store.call(two, UnsafeMutableBufferPointer(rebasing: area[0..<2]))
        #expect(area[0].i32 == 1)
        #expect(area[1].f64 == 2)
    }

    @Test func valueTypesAreReadWithoutAborting() throws {
        let exotic = try module(
            """
            (module
              (type $t (func))
              (func (export "all") (param i32 i64 f32 f64 v128 funcref externref) (result v128 i32)
                (local.get 4) (local.get 0))
              (func (export "typed") (param (ref $t)))
              (func (export "any") (param anyref)))
            """, engine: self.engine)
        #expect(
            exotic.exports.map(\.functionType) == [
                FunctionType(
                    parameters: [.i32, .i64, .f32, .f64, .v128, .funcref, .externref], results: [.v128, .i32]),
                nil, nil,
            ])
        let type = FunctionType(parameters: ValueKind.allCases, results: ValueKind.allCases.reversed())
        let made = type.make()
        defer { wasm_functype_delete(made) }
        #expect(FunctionType(made) == type)
        let vector = wasm_functype_params(made).pointee
        let last = try #require(vector.data?[6])
        let written = self.written(wasmtime_valtype_t.self) { out in
            wasmtime_valtype_new(last, out)
            wasmtime_valtype_delete(out)
        }
        #expect(written[0] && written[8] && written[16])
        #expect(MemoryLayout<wasmtime_valtype_t>.stride == 32)
    }

    @Test func vectorsAreASizeAndAnAddress() throws {
        let compiled = try module(Self.everything, engine: self.engine)
        let written = self.written(wasm_byte_vec_t.self) { out in
            #expect(wasmtime_module_serialize(compiled.pointer, out) == nil)
            #expect(out.pointee.size > 1000)
            #expect(out.pointee.data?[1] == UInt8(ascii: "E"))
            wasm_byte_vec_delete(out)
        }
        #expect(self.ranges(written) == [0..<16])
    }

    @Test func functionMadeForAStoreFitsItsStructure() throws {
        let store = Store(self.engine)
        let type = FunctionType().make()
        defer { wasm_functype_delete(type) }
        let written = self.written(wasmtime_func_t.self) { out in
            wasmtime_func_new_unchecked(store.context, type, { _, _, _, _ in nil }, nil, nil, out)
        }
        #expect(self.ranges(written) == [0..<16])
    }
}
