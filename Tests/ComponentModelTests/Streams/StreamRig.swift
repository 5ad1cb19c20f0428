import ComponentModel
import Testing
import WasmEngine

/// Two guests that do nothing of their own: each built-in of streams and futures is called by the test.
///
/// Each of `test:rig/p` and `test:rig/q` has its memory, and exports the built-ins for one type; `give` and `take` hand
/// readable ends out and in.
final class StreamRig {
    let component: Component
    private var instance: ComponentInstance?
    private var scheduler: TaskScheduler?
    private let store: Store

    enum Guest: String {
        case p = "test:rig/p"
        case q = "test:rig/q"
    }

    /// - Parameter payload: the type of the elements in text; empty for none.
    init(_ payload: String = "u8", registry: HostRegistry = TestAPI.registry, host: AnyObject = Recorder()) throws {
        self.component = try linked(Self.text(payload), registry: registry)
        self.store = Store(self.component.engine)
        let instance = try ComponentInstance(self.component, in: self.store, host: host, waker: Waker())
        self.instance = instance
        self.scheduler = TaskScheduler(instance, store: self.store)
    }

    /// Runs what the host's side has left for a fiber, in as many time slices as it takes.
    func run() throws {
        while true {
            switch self.scheduler?.run() {
            case .failed(let error)?: throw error
            case .yielded?: continue
            case .idle?, .waiting?, nil: return
            }
        }
    }

    /// Ends the instance.
    func end() {
        self.scheduler = nil
        self.instance = nil
    }

    @discardableResult
    func call(_ guest: Guest, _ function: String, _ arguments: [ComponentValue]) throws -> ComponentValue? {
        let exported = try #require(
            self.component.exportedFunction(function, in: guest.rawValue), "no function \(function)")
        return try #require(self.instance).call(exported, arguments)
    }

    @discardableResult
    func call(_ guest: Guest, _ function: String, _ arguments: UInt32...) throws -> UInt32 {
        guard case .u32(let value)? = try self.call(guest, function, arguments.map { .u32($0) }) else { return 0 }
        return value
    }

    // MARK: What tests do most

    /// Handles of a new stream's or future's ends.
    func new(_ guest: Guest, _ kind: String = "stream") throws -> (reader: UInt32, writer: UInt32) {
        guard case .u64(let ends)? = try self.call(guest, "\(kind)-new", []) else { throw NoFault(result: 0) }
        return (UInt32(truncatingIfNeeded: ends), UInt32(ends >> 32))
    }

    /// Gives a readable end of the host's to a guest.
    func take(_ value: ComponentValue, _ guest: Guest, _ kind: String = "stream") throws -> UInt32 {
        guard case .u32(let handle)? = try self.call(guest, "\(kind)-take", [value]) else {
            throw NoFault(result: 0)
        }
        return handle
    }

    /// Takes a readable end from a guest.
    func give(_ reader: UInt32, _ guest: Guest, _ kind: String = "stream") throws -> ComponentValue {
        try #require(try self.call(guest, "\(kind)-give", [.u32(reader)]))
    }

    /// Gives a readable end to the other guest.
    func move(_ reader: UInt32, from: Guest, to: Guest, _ kind: String = "stream") throws -> UInt32 {
        try self.take(try self.give(reader, from, kind), to, kind)
    }

    func poke(_ guest: Guest, _ bytes: [UInt8], at pointer: UInt32) throws {
        for (index, byte) in bytes.enumerated() { try self.call(guest, "poke", pointer + UInt32(index), UInt32(byte)) }
    }

    func peek(_ guest: Guest, _ count: Int, at pointer: UInt32) throws -> [UInt8] {
        try (0..<UInt32(count)).map { UInt8(truncatingIfNeeded: try self.call(guest, "peek", pointer + $0)) }
    }

    /// The event that a waitable has, as its code and payload; nil for none.
    func poll(_ guest: Guest, _ handle: UInt32) throws -> (code: UInt32, payload: UInt32)? {
        let set = try self.call(guest, "set-new")
        try self.call(guest, "join", handle, set)
        let code = try self.call(guest, "set-poll", set, Self.eventArea)
        try self.call(guest, "join", handle, 0)
        try self.call(guest, "set-drop", set)
        guard code != 0 else { return nil }
        let bytes = try self.peek(guest, 8, at: Self.eventArea)
        #expect(bytes[0..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) } == handle)
        return (code, bytes[4..<8].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }

    private static let eventArea: UInt32 = 65_000

    /// The message of the fault that `body` ends in.
    func fault(_ body: () throws -> Void) throws -> String {
        do {
            try body()
        } catch WasmFailure.host(let error as GuestFault) {
            return error.message
        } catch let error as GuestFault {
            return error.message
        }
        throw NoFault(result: 0)
    }

    // MARK: Text

    private static func text(_ payload: String) -> String {
        let builtins = ["stream", "future"].map { Self.builtins($0, payload) }.joined(separator: "\n")
        return """
            (component
              (component $guest
                (core module $libc
                  (memory (export "memory") 1)
                  (global $next (mut i32) (i32.const 32768))
                  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                    (global.get $next)
                    (global.set $next (i32.add (global.get $next) (local.get 3))))
                  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
                  (func (export "poke") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
                  (func (export "same") (param i32) (result i32) (local.get 0)))
                (core instance $libc (instantiate $libc))
                (func (export "peek") (param "p" u32) (result u32) (canon lift (core func $libc "peek")))
                (func (export "poke") (param "p" u32) (param "b" u32) (canon lift (core func $libc "poke")))
                (core func $set.new (canon waitable-set.new))
                (func (export "set-new") (result u32) (canon lift (core func $set.new)))
                (core func $set.poll (canon waitable-set.poll (memory (core memory $libc "memory"))))
                (func (export "set-poll") (param "s" u32) (param "p" u32) (result u32)
                  (canon lift (core func $set.poll)))
                (core func $set.drop (canon waitable-set.drop))
                (func (export "set-drop") (param "s" u32) (canon lift (core func $set.drop)))
                (core func $join (canon waitable.join))
                (func (export "join") (param "w" u32) (param "s" u32) (canon lift (core func $join)))
                \(builtins))
              (instance $p (instantiate $guest))
              (instance $q (instantiate $guest))
              (export "test:rig/p" (instance $p))
              (export "test:rig/q" (instance $q)))
            """
    }

    private static func builtins(_ kind: String, _ payload: String) -> String {
        let type = payload.isEmpty ? "(\(kind))" : "(\(kind) \(payload))"
        let options = #"(memory (core memory $libc "memory"))"#
        let realloc =
            payload.contains("string") || payload.contains("list") ? #"(realloc (core func $libc "realloc"))"# : ""
        let count = kind == "stream" ? #"(param "n" u32)"# : ""
        func lift(_ name: String, _ parameters: String, _ definition: String, _ result: String = "(result u32)")
            -> String
        {
            """
            (core func $\(kind).\(name) (canon \(definition)))
            (func (export "\(kind)-\(name)") \(parameters) \(result) (canon lift (core func $\(kind).\(name))))
            """
        }
        return """
            (type $\(kind) \(type))
            \(lift("new", "", "\(kind).new $\(kind)", "(result u64)"))
            \(lift("read", #"(param "h" u32) (param "p" u32) \#(count)"#, "\(kind).read $\(kind) async \(options) \(realloc)"))
            \(lift("write", #"(param "h" u32) (param "p" u32) \#(count)"#, "\(kind).write $\(kind) async \(options)"))
            \(lift("cancel-read", #"(param "h" u32)"#, "\(kind).cancel-read $\(kind) async"))
            \(lift("cancel-write", #"(param "h" u32)"#, "\(kind).cancel-write $\(kind) async"))
            \(lift("drop-readable", #"(param "h" u32)"#, "\(kind).drop-readable $\(kind)", ""))
            \(lift("drop-writable", #"(param "h" u32)"#, "\(kind).drop-writable $\(kind)", ""))
            (func (export "\(kind)-give") (param "h" u32) (result $\(kind)) (canon lift (core func $libc "same")))
            (func (export "\(kind)-take") (param "e" $\(kind)) (result u32) (canon lift (core func $libc "same")))
            """
    }
}
