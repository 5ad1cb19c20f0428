import ComponentModel
import Testing
import WasmEngine

/// Guests that break the rules of streams and futures: each is stopped, nobody else is.
@Suite struct HostileStreamTests {
    static let blocked = UInt32.max

    @Test(arguments: ["stream-read", "stream-write"]) func copiesOutsideItsMemory(function: String) throws {
        for (pointer, count) in [(65_535, 2), (65_536, 1), (0, 65_537), (.max, 1), (.max, 1 << 28 - 1)]
            as [(UInt32, UInt32)]
        {
            let rig = try StreamRig()
            let ends = try rig.new(.p)
            let handle = function == "stream-read" ? ends.reader : ends.writer
            let fault = try rig.fault { try rig.call(.p, function, handle, pointer, count) }
            #expect(fault.contains("outside the guest's memory"), "\(pointer) \(count)")
        }
    }

    @Test func copiesToNowhere() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-read", reader, .max, 0) == Self.blocked, "no byte is looked at")
        #expect(try rig.call(.p, "stream-cancel-read", reader) == 2)
        #expect(try rig.call(.p, "stream-write", writer, 65_536, 0) == Self.blocked)
    }

    @Test func copiesTooMuch() throws {
        let rig = try StreamRig("")
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-write", writer, 0, 1 << 28 - 1) == Self.blocked)
        #expect(try rig.call(.p, "stream-read", reader, 0, 1 << 28 - 1) == (1 << 28 - 1) << 4)
        let fault = try rig.fault { try rig.call(.p, "stream-read", reader, 0, 1 << 28) }
        #expect(fault == "stream read/write count too large")
    }

    @Test func copiesUnaligned() throws {
        let rig = try StreamRig("u32")
        let (reader, _) = try rig.new(.p)
        let fault = try rig.fault { try rig.call(.p, "stream-read", reader, 2, 1) }
        #expect(fault == "pointer 0x2 is not aligned to 4")
    }

    @Test(arguments: [
        ("stream-read", "stream-read"), ("stream-read", "stream-drop-readable"), ("stream-read", "stream-give"),
        ("stream-write", "stream-write"), ("stream-write", "stream-drop-writable"),
    ])
    func interruptsACopy(first: String, second: String) throws {
        let rig = try StreamRig()
        let ends = try rig.new(.p)
        let handle = first == "stream-read" ? ends.reader : ends.writer
        #expect(try rig.call(.p, first, handle, 0, 4) == Self.blocked)
        let fault = try rig.fault {
            if second == "stream-give" {
                _ = try rig.give(handle, .p)
            } else if second.contains("drop") {
                try rig.call(.p, second, handle)
            } else {
                try rig.call(.p, second, handle, 0, 4)
            }
        }
        #expect(fault.contains("busy stream") || fault.contains("concurrent operations"), "\(fault)")
    }

    @Test func usesTheWrongEnd() throws {
        for (function, isReader) in [("stream-read", false), ("stream-write", true), ("future-read", true)] {
            let rig = try StreamRig()
            let ends = try rig.new(.p)
            let arguments: [ComponentValue] = [.u32(isReader ? ends.reader : ends.writer), .u32(0), .u32(1)]
            let fault = try rig.fault {
                try rig.call(.p, function, function == "future-read" ? Array(arguments.prefix(2)) : arguments)
            }
            #expect(fault.contains("used with the wrong type"))
        }
    }

    @Test(arguments: ["stream-read", "stream-drop-readable", "stream-cancel-read", "stream-give"])
    func usesAnEndThatIsGone(function: String) throws {
        let rig = try StreamRig()
        let (reader, _) = try rig.new(.p)
        try rig.call(.p, "stream-drop-readable", reader)
        let count = function == "stream-read" ? 3 : 1
        let fault = try rig.fault {
            try rig.call(.p, function, [.u32(reader), .u32(0), .u32(1)].prefix(count).map { $0 })
        }
        #expect(fault == "unknown handle index \(reader)")
    }

    @Test func cancelsWhatDoesNotRun() throws {
        let rig = try StreamRig()
        let (reader, _) = try rig.new(.p)
        let fault = try rig.fault { try rig.call(.p, "stream-cancel-read", reader) }
        #expect(fault == "stream or future read cancelled when none is pending")
    }

    @Test func dropsAFutureThatItNeverWrote() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p, "future")
        try rig.call(.p, "future-drop-readable", reader)
        let fault = try rig.fault { try rig.call(.p, "future-drop-writable", writer) }
        #expect(fault == "cannot drop future write end without first writing a value")
    }

    @Test func givesAwayAnEndThatItWaitsFor() throws {
        let rig = try StreamRig()
        let (reader, _) = try rig.new(.p)
        let set = try rig.call(.p, "set-new")
        try rig.call(.p, "join", reader, set)
        let fault = try rig.fault { _ = try rig.give(reader, .p) }
        #expect(fault == "cannot lift stream while it's in a waitable set")
    }

    @Test func makesStreamsForEver() throws {
        let rig = try StreamRig()
        let fault = try rig.fault { while true { _ = try rig.new(.p) } }
        #expect(fault == "the guest holds more than 65535 handles")
    }

    @Test func passesTextToItself() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-read", reader, 0, 1) == Self.blocked)
        let fault = try rig.fault { try rig.call(.p, "stream-write", writer, 16, 1) }
        #expect(
            fault == "cannot read from and write to intra-component future/stream with non-numeric payload")
    }

    @Test func writesTextThatIsOutside() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p)
        let moved = try rig.move(reader, from: .p, to: .q)
        try rig.poke(.p, [0, 0, 255, 255, 9, 0, 0, 0], at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 1) == Self.blocked, "nothing is lifted yet")
        let fault = try rig.fault { try rig.call(.q, "stream-read", moved, 16, 1) }
        #expect(fault.contains("outside the guest's memory"))
    }

    @Test(arguments: [
        #"(call $read (i32.wrap_i64 (call $new)) (i32.const 0) (i32.const 1))"#,
        #"(call $write (i32.wrap_i64 (i64.shr_u (call $new) (i64.const 32))) (i32.const 0) (i32.const 1))"#,
    ])
    func waitsForItself(body: String) throws {
        let component = try linked(
            """
            (component
              (core module $libc (memory (export "memory") 1))
              (core instance $libc (instantiate $libc))
              (type $bytes (stream u8))
              (core func $new (canon stream.new $bytes))
              (core func $read (canon stream.read $bytes (memory (core memory $libc "memory"))))
              (core func $write (canon stream.write $bytes (memory (core memory $libc "memory"))))
              (core module $main
                (import "" "new" (func $new (result i64)))
                (import "" "read" (func $read (param i32 i32 i32) (result i32)))
                (import "" "write" (func $write (param i32 i32 i32) (result i32)))
                (func (export "run") (result i32) \(body)))
              (core instance $main (instantiate $main (with "" (instance
                (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))))))
              (func (export "run") async (result u32) (canon lift (core func $main "run"))))
            """)
        let store = Store(component.engine)
        let instance = try ComponentInstance(component, in: store, host: Recorder(), waker: Waker())
        let scheduler = TaskScheduler(instance, store: store)
        let run = try #require(component.exportedFunction("run", in: nil))
        #expect(throws: Deadlock.self) { _ = try scheduler.call(run, []) }
    }

    // MARK: Hosts that break the rules

    @Test func getsMoreThanItAskedFor() throws {
        final class Boaster: ByteProducer {
            func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep { .moved(buffer.count + 1) }
            var isReady: Bool { true }
            func cancel() {}
        }
        let rig = try StreamRig()
        let reader = try rig.take(ByteStream(Boaster()).value(), .p)
        #expect(throws: (any Error).self) { try rig.call(.p, "stream-read", reader, 0, 4) }
    }

    @Test func learnsOfAHostThatFailsLater() throws {
        final class Failing: ByteProducer {
            var error: (any Error)?
            func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
                if let error = self.error { throw error }
                return .wait
            }
            var isReady: Bool { false }
            func cancel() {}
        }
        let rig = try StreamRig()
        let producer = Failing()
        let stream = ByteStream(producer)
        let reader = try rig.take(stream.value(), .p)
        #expect(try rig.call(.p, "stream-read", reader, 0, 4) == Self.blocked)
        producer.error = TestAPI.Refusal()
        stream.wake()
        #expect(throws: (any Error).self) { _ = try rig.poll(.p, reader) }
    }
}
