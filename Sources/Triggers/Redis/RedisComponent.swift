import AppModel
package import ComponentModel
package import Executor
package import Logging
package import NIOCore
package import WASI
package import WasmEngine

/// A component that takes messages of Redis, with all that its instances share.
package final class RedisComponent: Sendable {
    package let id: String
    private let component: Component
    private let handler: ExportedFunction
    private let configuration: WASIConfiguration
    private let limits: HTTPComponent.Limits
    private let output: any ComponentOutput
    private let logger: Logger

    /// - Throws: ``ComponentLoadError`` when the component does not export exactly one handler of messages.
    package init(
        id: String, component: Component, configuration: WASIConfiguration, limits: HTTPComponent.Limits,
        output: any ComponentOutput, logger: Logger
    ) throws {
        self.id = id
        self.component = component
        self.handler = try RedisHandlerExport.find(in: component, id: id)
        self.configuration = configuration
        self.limits = limits
        self.output = output
        self.logger = logger
    }

    /// How many instances of this component the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? { HTTPComponent.capacity(of: self.component, in: engine) }

    /// Handles one message with a fresh instance, on the event loop that this is called on.
    ///
    /// - Parameter ended: called once, when the instance is gone; how it ended is in the log.
    package func handle(
        _ message: ByteBuffer, of channel: String, on eventLoop: any EventLoop, slices: SliceQueue,
        ended: @escaping () -> Void
    ) {
        let output = self.output.open()
        let context = WASIContext(
            configuration: self.configuration, eventLoop: eventLoop, stdout: output.stdout, stderr: output.stderr)
        let handler = self.handler
        var isRefused = false
        let invocation = Invocation(
            of: self.component, limits: self.limits.store, host: context, eventLoop: eventLoop, slices: slices,
            timeout: self.limits.timeout.map { TimeAmount($0.choose()) }, processorTime: self.limits.processorTime
        ) { instance in
            isRefused = try instance.call(
                handler,
                arguments: { flat in
                    let list = try instance.lower(message, for: handler)
                    flat.set(i32: list.pointer, at: 0)
                    flat.set(i32: list.count, at: 1)
                },
                results: { flat in
                    // `result<_, error>`: a byte that tells which, and the error.
                    try instance.bytes(at: flat.i32(0), count: 2, for: handler)[0] != 0
                })
        } completion: { result, backtrace in
            output.close()
            switch result {
            case .success where isRefused: self.log(channel, "the guest answered with an error")
            case .success: break
            case .failure(WasmFailure.host(let exit as GuestExit)) where exit.status == 0: break
            case .failure(let error): self.log(channel, GuestFailure.describe(error, backtrace))
            }
            ended()
        }
        invocation.start()
    }

    private func log(_ channel: String, _ message: String) {
        self.logger.error("component \(self.id): message of \"\(channel)\": \(message)")
    }
}
