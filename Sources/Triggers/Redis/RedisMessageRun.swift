import AppModel
import ComponentModel
import Executor
import NIOCore
import WASI
import WasmEngine

/// One message, and the instance that handles it. Confined to its event loop; lives until the instance is gone.
final class RedisMessageRun {
    enum Outcome {
        case handled
        /// The guest's own error, with what it says.
        case refused(String?)
        case failed(any Error, [Trap.Frame])
    }

    /// The case of `spin:redis`'s error that has a text.
    private static let otherError: UInt32 = 3

    private let component: RedisComponent
    private let message: ByteBuffer
    private let eventLoop: any EventLoop
    private let slices: SliceQueue
    private let output: InstanceOutput
    private var driver: InstanceDriver?
    private var timeout: Scheduled<Void>?
    /// What the guest returned; it may go on after that.
    private var returned: Outcome?
    private var ended: ((Outcome) -> Void)?

    init(
        _ component: RedisComponent, _ message: ByteBuffer, eventLoop: any EventLoop, slices: SliceQueue,
        ended: @escaping (Outcome) -> Void
    ) {
        self.component = component
        self.message = message
        self.eventLoop = eventLoop
        self.slices = slices
        self.output = component.output.open()
        self.ended = ended
    }

    func start() {
        let context = WASIContext(
            configuration: self.component.configuration, eventLoop: self.eventLoop, stdout: self.output.stdout,
            stderr: self.output.stderr)
        // The driver's callbacks keep this, and this the driver, until the end.
        let driver = InstanceDriver(
            of: self.component.component, limits: self.component.limits.store, host: context,
            eventLoop: self.eventLoop, slices: self.slices, processorTime: self.component.limits.processorTime
        ) { error, backtrace in self.end(.failed(error, backtrace)) }
        self.driver = driver
        driver.onIdle = {
            if let returned = self.returned { self.end(returned) }
        }
        if let limit = self.component.limits.chooseTimeout() {
            self.timeout = self.eventLoop.assumeIsolated().scheduleTask(in: limit) {
                self.end(.failed(Invocation.Failure.timedOut(limit), []))
            }
        }
        driver.start { self.call($0) }
    }

    private func call(_ driver: InstanceDriver) {
        let handler = self.component.handler
        let message = self.message
        _ = driver.call(
            handler,
            arguments: { [weak driver] flat in
                guard let instance = driver?.instance else { throw WasmFailure.cancelled }
                let list = try instance.lower(message, for: handler)
                flat.set(i32: list.pointer, at: 0)
                flat.set(i32: list.count, at: 1)
            },
            returned: { call in self.returned = try Self.outcome(call, isFlat: handler.isAsync) },
            ended: { result in
                switch result {
                case .success: self.end(self.returned ?? .handled)
                // Why the instance failed is told by its driver.
                case .failure(let error): if self.driver != nil { self.failSoon(error) }
                }
            })
    }

    /// Reads `result<_, error>`: from the slots, or the memory that the first one points to.
    private static func outcome(_ call: borrowing HostCall, isFlat: Bool) throws -> Outcome {
        guard isFlat else {
            let isError = try call.bytes(call.i32(0), 1).bytes.first != 0
            return isError ? .refused(nil) : .handled
        }
        guard call.i32(0) != 0 else { return .handled }
        guard call.i32(1) == Self.otherError else { return .refused(nil) }
        return .refused(try call.string(call.i32(2), call.i32(3)))
    }

    /// The driver may be about to say the same, with the place in the guest.
    private func failSoon(_ error: any Error) {
        self.eventLoop.assumeIsolated().execute { self.end(.failed(error, [])) }
    }

    private func end(_ outcome: Outcome) {
        guard let ended = self.ended else { return }
        self.ended = nil
        self.timeout?.cancel()
        self.timeout = nil
        let driver = self.driver
        self.driver = nil
        driver?.stop()
        driver?.onIdle = nil
        self.output.close()
        ended(outcome)
    }
}
