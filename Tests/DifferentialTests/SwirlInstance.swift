import ComponentModel
import Testing
import WasmEngine

/// One engine for both sides: the compiled code is the same, what differs is all that this project wrote.
enum Shared {
    static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }
}

/// A component without imports on our own runtime. Each call has an instance and a fiber of its own.
struct SwirlComponent {
    private final class Host {}

    private let component: Component

    init(_ file: [UInt8], engine: Engine, isMerged: Bool) throws {
        let decoded = try file.withUnsafeBytes { buffer in
            Result { () throws(ComponentError) in try ComponentDecoder.plan(buffer) }
        }.get()
        // No bound on what is merged: the modules of generated components are small.
        let limits = isMerged ? MergeLimits(memories: 100, tables: 100, splitSize: 0) : nil
        let (plan, modules) = try file.withUnsafeBytes { buffer in
            try PlanCompiler(decoded, buffer, limits: limits).compile { code, _ in try engine.compile(code) }
        }
        self.component = try Component(
            name: "case", plan: plan, modules: modules, engine: engine, registry: HostRegistry([]))
    }

    func call(_ name: String, _ arguments: [ComponentValue]) throws -> ComponentValue {
        let function = try #require(self.component.exportedFunction(name, in: nil))
        let store = Store(self.component.engine)
        let component = self.component
        var value: ComponentValue?
        let fiber = Fiber(store: store) {
            let instance = try ComponentInstance(component, in: store, host: Host(), waker: Waker())
            try withExtendedLifetime(instance) {
                let result = try instance.call(function, arguments)
                value = result
            }
        }
        while true {
            switch fiber.resume() {
            case .finished(let result):
                try result.get()
                return try #require(value)
            case .yielded: continue
            case .waiting: throw WasmtimeInstance.Failure(description: "a guest without imports waits")
            }
        }
    }
}

/// What a call came to; traps are alike.
enum Outcome: Equatable, CustomStringConvertible {
    case value(ComponentValue)
    case trap

    init(_ body: () throws -> ComponentValue, note: (String) -> Void) {
        do {
            self = .value(try body().canonical)
        } catch {
            note("\(error)")
            self = .trap
        }
    }

    var description: String {
        switch self {
        case .value(let value): "\(value)"
        case .trap: "a trap"
        }
    }
}
