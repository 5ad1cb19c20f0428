import CWasmtime
import Testing
import WasmEngine

/// One engine for all tests that need no other: a pool reserves a lot of address space.
enum Shared {
    static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = PoolingConfiguration(instances: 200)
        configuration.epochInterval = .milliseconds(1)
        return try Engine(configuration)
    }
}

/// Compiles text.
func module(_ wat: String, engine: Engine) throws -> Module {
    let binary = try Engine.assemble(wat)
    return try binary.withUnsafeBytes { bytes in try engine.compile(bytes) }
}

func raw(_ value: Int32) -> RawValue {
    RawValue(i32: value)
}

extension Store {
    /// Calls an exported function of `i32` values and returns its first result.
    @discardableResult
    func run(_ instance: wasmtime_instance_t, _ name: String, _ arguments: Int32...) throws -> Int32 {
        let function = try #require(self.function(of: instance, named: name))
        let count = max(arguments.count, 1)
        let values = UnsafeMutableBufferPointer<RawValue>.allocate(capacity: count)
        defer { values.deallocate() }
        values.initialize(repeating: RawValue(i64: 0))
        for (index, argument) in arguments.enumerated() {
            values[index] = raw(argument)
        }
        try self.call(function, values)
        return values[0].i32
    }
}

extension Fiber {
    /// Resumes until the fiber ends, as often as it yields or waits.
    func runToEnd() throws {
        while true {
            if case .finished(let result) = self.resume() {
                return try result.get()
            }
        }
    }
}

/// What a call that must fail threw.
func wasmFailure(of call: () throws -> Void) throws -> WasmFailure {
    do {
        try call()
    } catch let failure as WasmFailure {
        return failure
    }
    throw UnexpectedSuccess()
}

struct UnexpectedSuccess: Error {}

extension WasmFailure {
    var trap: Trap? {
        guard case .trap(let trap) = self else {
            return nil
        }
        return trap
    }

    var engineError: EngineError? {
        guard case .engine(let error) = self else {
            return nil
        }
        return error
    }

    var hostError: (any Error)? {
        guard case .host(let error) = self else {
            return nil
        }
        return error
    }

    var isCancelled: Bool {
        guard case .cancelled = self else {
            return false
        }
        return true
    }
}
