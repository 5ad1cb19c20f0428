import CWasmtime
import Testing
import WasmEngine

/// Advisories of the engine whose kind of mistake could come back through how it is used here.
@Suite struct AdvisoryTests {
    /// A module without memory of its own making: what it sees before it writes is what the pool gave it.
    private static func scanning(pages: Int, data: String = "") -> String {
        """
        (module
          (memory 0 \(pages))
          (table $t 8 funcref)
          \(data)
          (global $g (mut i64) (i64.const 0))
          (elem declare func $grow)
          (func $grow (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
          (func (export "fill") (result i32)
            (memory.fill (i32.const 0) (i32.const 0xaa) (i32.mul (memory.size) (i32.const 65536)))
            (table.fill $t (i32.const 0) (ref.func $grow) (i32.const 8))
            (global.set $g (i64.const -1))
            (memory.size))
          ;; How many bytes, table entries and globals are not as they should be.
          (func (export "scan") (result i32) (local $at i32) (local $found i32)
            (block $end (loop $next
              (br_if $end (i32.ge_u (local.get $at) (i32.mul (memory.size) (i32.const 65536))))
              (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
                (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
              (local.set $at (i32.add (local.get $at) (i32.const 8)))
              (br $next)))
            (local.set $at (i32.const 0))
            (loop $next
              (if (i32.eqz (ref.is_null (table.get $t (local.get $at))))
                (then (local.set $found (i32.add (local.get $found) (i32.const 1)))))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $at) (i32.const 8))))
            (i32.add (local.get $found) (i32.wrap_i64 (global.get $g)))))
        """
    }

    /// RUSTSEC-2022-0098 and RUSTSEC-2026-0088: one guest's memory must not show in the next guest's, however the slot
    /// of the pool was used before.
    @Test("RUSTSEC-2022-0098, RUSTSEC-2026-0088: a pool's slot is clean", arguments: [0, 64 << 10, 8 << 20])
    func nothingIsLeftOfAnEarlierGuest(keptResident: Int) throws {
        var configuration = EngineConfiguration()
        var pooling = PoolingConfiguration(instances: 1)
        pooling.linearMemoryKeepResident = keptResident
        pooling.totalMemories = 1
        pooling.totalTables = 1
        configuration.pooling = pooling
        let engine = try Engine(configuration)
        let image = "(data (i32.const 0) \"\")"
        let modules = try [
            Self.scanning(pages: 100), Self.scanning(pages: 100, data: image), Self.scanning(pages: 3),
        ].map { try Linker(engine).preInstantiate(try module($0, engine: engine)) }
        for (index, pages) in [1, 40, 2, 3, 100, 1, 64, 99, 0, 100].enumerated() {
            let store = Store(engine)
            let instance = try store.instantiate(modules[index % modules.count])
            _ = try store.run(instance, "grow", Int32(min(pages, index % modules.count == 2 ? 3 : 100)))
            #expect(try store.run(instance, "scan") == 0, "use \(index) of the slot")
            _ = try store.run(instance, "fill")
            #expect(try store.run(instance, "scan") != 0)
        }
    }

    /// RUSTSEC-2026-0223: bulk operations do not look at the clock, so that the guest must be stopped between them.
    @Test("RUSTSEC-2026-0223: a guest that only fills memory is interrupted")
    func bulkOperationsAreInterrupted() throws {
        let engine = try Shared.engine.get()
        let filling = try module(
            """
            (module
              (memory 1024)
              (func (export "run")
                (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 67108864)) (br $l))))
            """, engine: engine)
        let store = Store(engine)
        let fiber = Fiber(store: store) {
            let instance = try store.instantiate(try Linker(engine).preInstantiate(filling))
            try store.run(instance, "run")
        }
        for _ in 0..<3 {
            guard case .yielded = fiber.resume() else {
                Issue.record("the guest did not yield")
                return
            }
        }
        fiber.cancel()
    }

    /// RUSTSEC-2026-0096 and its like are miscompilations: DifferentialTests has them. What remains here is that nobody
    /// else's machine code is ever run.
    @Test("Precompiled code is not accepted as a module", arguments: ["\u{7f}ELF", "\0asm\u{d}\0\u{1}\0", ""])
    func foreignCodeIsNoModule(prefix: String) throws {
        let engine = try Shared.engine.get()
        let bytes = Array(prefix.utf8) + [UInt8](repeating: 0, count: 64)
        #expect(throws: EngineError.self) { try bytes.withUnsafeBytes { try engine.compile($0) } }
    }
}
