package import ComponentModel
package import Executor
package import Logging
package import NIOCore
package import WASI
package import WasmEngine

/// A component that takes messages of Redis, with all that its instances share.
package final class RedisComponent: Sendable {
    package let id: String
    let component: Component
    let handler: ExportedFunction
    let configuration: WASIConfiguration
    let limits: GuestLimits
    let output: any ComponentOutput
    private let logger: Logger

    /// - Throws: ``ComponentLoadError`` when the component does not export exactly one handler of messages.
    package init(
        id: String, component: Component, configuration: WASIConfiguration, limits: GuestLimits,
        output: any ComponentOutput, logger: Logger
    ) throws {
        self.id = id
        self.component = component
        self.handler = try RedisHandlerExport.find(in: component, id: id)
        self.configuration = configuration
        self.limits = limits.divided(amongMemoriesOf: component)
        self.output = output
        self.logger = logger
    }

    /// How many instances of this component the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? { self.component.capacity(in: engine) }

    /// Handles one message with a fresh instance, on the event loop that this is called on.
    ///
    /// - Parameter ended: called once, when the instance is gone; how it ended is in the log.
    package func handle(
        _ message: ByteBuffer, of channel: String, on eventLoop: any EventLoop, slices: SliceQueue,
        ended: @escaping () -> Void
    ) {
        let run = RedisMessageRun(self, message, eventLoop: eventLoop, slices: slices) { outcome in
            self.log(channel, outcome)
            ended()
        }
        run.start()
    }

    private func log(_ channel: String, _ outcome: RedisMessageRun.Outcome) {
        let message: String
        switch outcome {
        case .handled: return
        case .refused(let reason):
            message = "the guest answered with an error" + (reason.map { ": \(GuestReport.quoted($0))" } ?? "")
        case .failed(WasmFailure.host(let exit as GuestExit), _) where exit.status == 0: return
        case .failed(let error, let backtrace): message = GuestReport.describe(error, backtrace)
        }
        self.logger.error("component \(self.id): message of \"\(channel)\": \(message)")
    }
}
