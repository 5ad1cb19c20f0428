import ComponentModel
import Testing
import WasmEngine

/// Error contexts: made, read, passed on and dropped.
@Suite struct ErrorContextTests {
    private static let text = """
        (component
          (component $guest
            (core module $libc
              (memory (export "memory") 1)
              (global $next (mut i32) (i32.const 8192))
              (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $next)
                (global.set $next (i32.add (global.get $next) (local.get 3))))
              (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
              (func (export "same") (param i32) (result i32) (local.get 0)))
            (core instance $libc (instantiate $libc))
            (core func $new (canon error-context.new (memory (core memory $libc "memory"))))
            (core func $message (canon error-context.debug-message (memory (core memory $libc "memory"))
              (realloc (core func $libc "realloc"))))
            (core func $drop (canon error-context.drop))
            (func (export "peek") (param "p" u32) (result u32) (canon lift (core func $libc "peek")))
            (func (export "fill") (param "p" u32) (param "b" u32) (param "n" u32) (canon lift (core func $libc "fill")))
            (func (export "new") (param "p" u32) (param "n" u32) (result u32) (canon lift (core func $new)))
            (func (export "message") (param "e" u32) (param "p" u32) (canon lift (core func $message)))
            (func (export "drop") (param "e" u32) (canon lift (core func $drop)))
            (func (export "give") (param "h" u32) (result error-context) (canon lift (core func $libc "same")))
            (func (export "take") (param "e" error-context) (result u32) (canon lift (core func $libc "same"))))
          (instance $p (instantiate $guest))
          (instance $q (instantiate $guest))
          (export "test:rig/p" (instance $p))
          (export "test:rig/q" (instance $q)))
        """

    private final class Rig {
        private let component: Component
        private let store: Store
        private let instance: ComponentInstance

        init() throws {
            self.component = try linked(ErrorContextTests.text)
            self.store = Store(self.component.engine)
            self.instance = try ComponentInstance(self.component, in: self.store, host: Recorder(), waker: Waker())
        }

        @discardableResult
        func call(_ guest: String, _ function: String, _ arguments: ComponentValue...) throws -> ComponentValue? {
            let exported = try #require(self.component.exportedFunction(function, in: "test:rig/\(guest)"))
            return try self.instance.call(exported, arguments)
        }
    }

    @Test func passesItsMessageOn() throws {
        let rig = try Rig()
        try rig.call("p", "fill", .u32(16), .u32(97), .u32(3))
        #expect(try rig.call("p", "new", .u32(16), .u32(3)) == .u32(1))
        let value = try #require(try rig.call("p", "give", .u32(1)))
        #expect("\(value)" == #"error-context("aaa")"#)
        try rig.call("p", "drop", .u32(1))
        #expect(try rig.call("q", "take", value) == .u32(1))
        try rig.call("q", "message", .u32(1), .u32(64))
        #expect(try rig.call("q", "peek", .u32(68)) == .u32(3))
        #expect(try rig.call("q", "peek", .u32(8192)) == .u32(0x61_6161))
    }

    @Test func keepsOnlySoMuch() throws {
        let rig = try Rig()
        try rig.call("p", "fill", .u32(16), .u32(97), .u32(60_000))
        try rig.call("p", "new", .u32(16), .u32(60_000))
        guard case .errorContext(let error)? = try rig.call("p", "give", .u32(1)) else { throw NoFault(result: 0) }
        #expect(error.message.utf8.count <= ErrorContext.maximumLength)
        #expect(error.message.hasPrefix("aaa"))
    }

    @Test(arguments: ["new", "message", "drop", "give"]) func isToldOffForWhatItMayNotDo(function: String) throws {
        let rig = try Rig()
        #expect(throws: (any Error).self) {
            switch function {
            case "new": try rig.call("p", "new", .u32(65_535), .u32(2))
            case "message":
                try rig.call("p", "new", .u32(16), .u32(0))
                try rig.call("p", "message", .u32(1), .u32(65_532))
            case "drop":
                try rig.call("p", "new", .u32(16), .u32(0))
                try rig.call("p", "drop", .u32(1))
                try rig.call("p", "drop", .u32(1))
            default: try rig.call("p", "give", .u32(7))
            }
        }
    }
}
