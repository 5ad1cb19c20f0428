package import ComponentModel
package import HTTP
package import Logging
package import NIOCore
package import WASI
package import WasmEngine

/// A component that handles HTTP requests, with all that its instances share.
package final class HTTPComponent: Sendable {
    /// What a request may use at most.
    package struct Limits: Sendable {
        package var store: StoreLimits
        /// Wall-clock time from the start of the guest to its end; nil for none.
        package var timeout: TimeAmount?
        /// Processor time of the guest, looked at after each of its time slices; nil for none.
        package var processorTime: TimeAmount?

        package init(
            store: StoreLimits = StoreLimits(), timeout: TimeAmount? = nil, processorTime: TimeAmount? = nil
        ) {
            self.store = store
            self.timeout = timeout
            self.processorTime = processorTime
        }

        /// The engine limits each memory by itself; what is meant is the instance as a whole.
        fileprivate func dividing(among memories: Int) -> Limits {
            var limits = self
            if memories > 1, let bytes = self.store.maxMemoryBytes { limits.store.maxMemoryBytes = bytes / memories }
            return limits
        }
    }

    package let id: String
    private let component: Component
    private let handler: ExportedFunction
    private let configuration: WASIConfiguration
    private let limits: Limits
    /// As the operator gave it, before it was divided among the memories.
    private let memoryLimit: Int?
    private let output: any ComponentOutput
    private let logger: Logger

    /// How many instances of this component the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? { Self.capacity(of: self.component, in: engine) }

    package static func capacity(of component: Component, in engine: Engine) -> Int? {
        guard let pool = engine.configuration.pooling else { return nil }
        // One core instance more: the engine's own, by which a fiber waits.
        return min(
            pool.totalStacks, pool.totalCoreInstances / (component.coreInstanceCount + 1),
            pool.totalMemories / max(1, component.plan.definedMemories))
    }

    private static let requestType = HostResourceType(interface: "wasi:http/types", name: "incoming-request")
    private static let outparamType = HostResourceType(interface: "wasi:http/types", name: "response-outparam")

    /// - Throws: ``ComponentLoadError`` when the component does not export exactly one HTTP handler that this version can call.
    package init(
        id: String, component: Component, configuration: WASIConfiguration, limits: Limits,
        output: any ComponentOutput, logger: Logger
    ) throws {
        let handler = try HTTPHandlerExport.find(in: component, id: id)
        self.id = id
        self.component = component
        self.handler = handler
        self.configuration = configuration
        self.memoryLimit = limits.store.maxMemoryBytes
        self.limits = limits.dividing(among: component.plan.definedMemories)
        self.output = output
        self.logger = logger
    }

    /// Answers one request with a fresh instance.
    ///
    /// - Parameters:
    ///   - head: the request's head as the guest is to see it.
    ///   - extraFields: header fields that the host adds to the request.
    ///   - slices: of the exchange's event loop.
    ///   - ended: called once, when the instance is gone.
    package func answer(
        _ exchange: Exchange, head: RequestHead, extraFields: [(String, String)], slices: SliceQueue,
        ended: @escaping () -> Void
    ) {
        let slot = ResponseSlot(exchange.response)
        let output = self.output.open()
        let context = WASIContext(
            configuration: self.configuration, eventLoop: exchange.eventLoop, stdout: output.stdout,
            stderr: output.stderr)
        context.callDepth = exchange.callDepth
        let handler = self.handler
        let invocation = Invocation(
            of: self.component, limits: self.limits.store, host: context, eventLoop: exchange.eventLoop,
            slices: slices, timeout: self.limits.timeout, processorTime: self.limits.processorTime
        ) { instance in
            let request = try instance.insert(
                IncomingRequestResource(head: head, body: exchange.body, extraFields: extraFields),
                Self.requestType, componentInstance: handler.componentInstance)
            let outparam = try instance.insert(
                ResponseOutparamResource(slot), Self.outparamType, componentInstance: handler.componentInstance)
            try instance.call(
                handler,
                arguments: { flat in
                    flat.set(i32: request, at: 0)
                    flat.set(i32: outparam, at: 1)
                }, results: { _ in })
        } completion: { result, backtrace in
            exchange.onClose = nil
            self.finish(exchange, slot, result, backtrace)
            output.close()
            ended()
        }
        exchange.onClose = {
            exchange.onClose = nil
            invocation.cancel()
            output.close()
            ended()
        }
        invocation.start()
    }

    /// Sees to it that the client gets an answer, and the log a reason, whatever the guest did.
    private func finish(
        _ exchange: Exchange, _ slot: ResponseSlot, _ result: Result<Void, any Error>, _ backtrace: [Trap.Frame]
    ) {
        switch Self.withoutOrderlyExit(result) {
        case .success:
            switch slot.state {
            case .sent: return
            case .failed(let code):
                self.log(exchange, "the guest answered with the error \(Self.name(of: code))")
            case .pending:
                self.log(exchange, "the guest returned without a response")
                exchange.respond(status: 500)
            }
        case .failure(let error):
            self.log(exchange, Self.describe(error, backtrace) + self.memoryNote(error))
            if exchange.response.headWritten {
                exchange.response.abort()
            } else {
                exchange.respond(status: 500)
            }
        }
    }

    /// A guest that ends itself with status 0 has returned, as far as its answer is concerned.
    private static func withoutOrderlyExit(_ result: Result<Void, any Error>) -> Result<Void, any Error> {
        guard case .failure(WasmFailure.host(let error)) = result, let exit = error as? GuestExit, exit.status == 0
        else { return result }
        return .success(())
    }

    private func log(_ exchange: Exchange, _ message: String) {
        self.logger.error("component \(self.id): \(exchange.head.method) \(exchange.head.path): \(message)")
    }

    /// A guest that gets no more memory usually gives up by `unreachable`, which says nothing of the limit.
    private func memoryNote(_ error: any Error) -> String {
        guard let bytes = self.memoryLimit, case WasmFailure.trap(let trap) = error,
            "\(trap)".contains("unreachable")
        else { return "" }
        return
            "\n    note: its memory is limited to \(bytes) bytes (--max-instance-memory): if it ran out of it, raise that"
    }

    private static func describe(_ error: any Error, _ backtrace: [Trap.Frame]) -> String {
        switch error {
        case WasmFailure.trap(let trap): "the guest trapped: \(trap)"
        case WasmFailure.host(let fault as GuestFault): "the guest trapped: \(fault)\(self.text(of: backtrace))"
        case WasmFailure.host(let inner): "the guest was stopped: \(inner)\(self.text(of: backtrace))"
        case WasmFailure.engine(let inner): "the guest could not run: \(inner)"
        case WasmFailure.cancelled: "the guest was cancelled"
        default: "\(error)"
        }
    }

    /// The error code as WIT spells it: `internal-error`.
    private static func name(of code: WasiHttpTypes.ErrorCode) -> String {
        let swift = "\(code)".prefix { $0 != "(" }
        return swift.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }

    private static func text(of backtrace: [Trap.Frame]) -> String {
        backtrace.enumerated().map { "\n    \($0): \($1)" }.joined()
    }
}

/// Where a component's standard output and error go: one for a component, opened anew for each instance.
package protocol ComponentOutput: Sendable {
    func open() -> InstanceOutput
}

/// The output of one instance.
package struct InstanceOutput {
    package let stdout: (any OutputSink)?
    package let stderr: (any OutputSink)?
    /// Called when the instance is gone: a last line without an end of line goes out then.
    package let close: () -> Void

    package init(stdout: (any OutputSink)?, stderr: (any OutputSink)?, close: @escaping () -> Void) {
        self.stdout = stdout
        self.stderr = stderr
        self.close = close
    }
}
