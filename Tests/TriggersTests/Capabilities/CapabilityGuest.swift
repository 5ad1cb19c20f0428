import Capabilities
import ComponentModel
import Executor
import NIOCore
import NIOPosix
import Triggers
import WASI
import WasmEngine

/// A guest that uses a capability by one version of its interface: a fresh instance for each call.
struct CapabilityGuest: Sendable {
    enum Outcome: Sendable, Equatable {
        case done
        case openFailed(String)
        case operationFailed(String)
    }

    let interface: GuestInterface
    private let component: Component

    /// - Parameters:
    ///   - label: what it opens: a label or an address, of 180 bytes at most.
    ///   - question: what it then asks for: a key, or SQL; nil for one that any store or database can answer.
    init(_ interface: GuestInterface, label: String, question: String? = nil) throws {
        self.interface = interface
        self.component = try ModuleRig.load(
            Engine.assemble(Self.text(interface, label, question ?? interface.question)))
    }

    /// Opens, and asks.
    func run(with capabilities: ComponentCapabilities) async throws -> Outcome {
        let code = Int(try await self.call("run", capabilities))
        if code >= 100 { return .openFailed(self.interface.errors[code - 100]) }
        return code == 0 ? .done : .operationFailed(self.interface.errors[code - 1])
    }

    /// Opens until that fails, ten thousand times at most, and keeps all that it opened.
    func fill(with capabilities: ComponentCapabilities) async throws -> (opened: Int, error: String?) {
        let code = Int(try await self.call("fill", capabilities))
        return (code >> 8, code & 0xff == 0xff ? nil : self.interface.errors[code & 0xff])
    }

    private func call(_ name: String, _ capabilities: ComponentCapabilities) async throws -> UInt32 {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let component = self.component
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: UInt32.self)
            guard let function = component.exportedFunction(name, in: nil) else {
                return loop.makeFailedFuture(CancellationError())
            }
            let context = WASIContext(
                configuration: WASIConfiguration(componentName: "guest", capabilities: capabilities), eventLoop: loop,
                stdout: nil, stderr: nil)
            let driver = InstanceDriver(
                of: component, limits: StoreLimits(), host: context, eventLoop: loop,
                slices: SliceQueue(eventLoop: loop), processorTime: nil
            ) { error, _ in promise.fail(error) }
            let bound = NIOLoopBound(driver, eventLoop: loop)
            promise.futureResult.whenComplete { _ in bound.value.stop() }
            var value: UInt32 = 0
            driver.start { driver in
                _ = driver.call(
                    function, arguments: { _ in }, returned: { value = $0.i32(0) },
                    ended: { result in promise.completeWith(result.map { value }) })
            }
            return promise.futureResult
        }.get()
    }

    // MARK: Text

    private static func escaped(_ text: String) -> String {
        text.utf8.map { "\\" + String(UInt($0) + 256, radix: 16).dropFirst() }.joined()
    }

    private static func text(_ interface: GuestInterface, _ label: String, _ key: String) -> String {
        let functions = [interface.open.map { ("open", $0) }, ("operation", interface.operation)].compactMap { $0 }
        let exports = functions.map { "(export \"\($0.1.name)\" \($0.1.text))" }
        let lowered = functions.map {
            "(core func $\($0.0) (canon lower (func $i \"\($0.1.name)\") (memory $memory) (realloc $realloc)))"
        }
        let given = functions.map { "(export \"\($0.0)\" (func $\($0.0)))" }
        let place = "(i32.const 64) (i32.const \(label.utf8.count))"
        let question = "(i32.const 256) (i32.const \(key.utf8.count))"
        // None here.
        let parameters = interface.hasParameters ? "(i32.const 0) (i32.const 0)" : ""
        let handle = interface.open == nil ? place : "(i32.load (i32.const 20))"
        let arity = (interface.open == nil ? 5 : 4) + (parameters.isEmpty ? 0 : 2)
        return """
            (component
              (import "\(interface.name)" (instance $i \(interface.types) \(exports.joined(separator: " "))))
              (core module $allocator
                (memory (export "memory") 3)
                (global $heap (mut i32) (i32.const 65536))
                (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
                  ;; Texts of errors of ten thousand calls may lie over one another.
                  (if (i32.gt_u (global.get $heap) (i32.const 131072)) (then (global.set $heap (i32.const 65536))))
                  (global.get $heap)
                  (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $size)) (i32.const 7))
                    (i32.const -8)))))
              (core instance $env (instantiate $allocator))
              (alias core export $env "memory" (core memory $memory))
              (alias core export $env "realloc" (core func $realloc))
              \(lowered.joined(separator: "\n  "))
              (core module $main
                (import "env" "memory" (memory 1))
                \(interface.open == nil ? "" : "(import \"host\" \"open\" (func $open (param i32 i32 i32)))")
                (import "host" "operation" (func $operation (param \(String(repeating: "i32 ", count: arity)))))
                (data (i32.const 64) "\(Self.escaped(label))")
                (data (i32.const 256) "\(Self.escaped(key))")
                (func $start (result i32)
                  \(interface.open == nil ? "" : "(call $open \(place) (i32.const 16))")
                  (i32.load8_u (i32.const 16)))
                (func (export "run") (result i32)
                  (if (call $start) (then (return (i32.add (i32.const 100) (i32.load8_u (i32.const 20))))))
                  (call $operation \(handle) \(question) \(parameters) (i32.const 32))
                  (if (i32.load8_u (i32.const 32))
                    (then (return (i32.add (i32.const 1) (i32.load8_u (i32.const 36))))))
                  (i32.const 0))
                (func (export "fill") (result i32)
                  (local $count i32)
                  (loop $more
                    (if (call $start)
                      (then (return (i32.or (i32.shl (local.get $count) (i32.const 8)) (i32.load8_u (i32.const 20))))))
                    (local.set $count (i32.add (local.get $count) (i32.const 1)))
                    (br_if $more (i32.lt_u (local.get $count) (i32.const 10000))))
                  (i32.or (i32.shl (local.get $count) (i32.const 8)) (i32.const 255))))
              (core instance $main (instantiate $main
                (with "env" (instance $env)) (with "host" (instance \(given.joined(separator: " "))))))
              (func (export "run") async (result u32) (canon lift (core func $main "run")))
              (func (export "fill") async (result u32) (canon lift (core func $main "fill"))))
            """
    }
}
