package import AppModel
package import ComponentModel
package import HTTP
package import Logging
import NIOCore
package import WASI
package import WasmEngine

/// A component that handles HTTP requests, with all that its instances share.
package final class HTTPComponent: Sendable {
    package let id: String
    let component: Component
    private let handler: HTTPHandler
    let configuration: WASIConfiguration
    let limits: GuestLimits
    let reuse: InstanceReuse
    let output: any ComponentOutput
    let report: GuestReport

    /// How many instances of this component the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? { self.component.capacity(in: engine) }

    private static let requestType = HostResourceType(interface: "wasi:http/types", name: "incoming-request")
    private static let outparamType = HostResourceType(interface: "wasi:http/types", name: "response-outparam")

    /// - Throws: ``ComponentLoadError`` when the component does not export exactly one HTTP handler that this version can call.
    package init(
        id: String, component: Component, configuration: WASIConfiguration, limits: GuestLimits,
        reuse: InstanceReuse = InstanceReuse(), output: any ComponentOutput, logger: Logger
    ) throws {
        let handler = try HTTPHandlerExport.find(in: component, id: id)
        self.id = id
        self.component = component
        self.handler = handler
        self.configuration = configuration
        self.report = GuestReport(component: id, memoryLimit: limits.store.maxMemoryBytes, logger: logger)
        self.limits = limits.divided(amongMemoriesOf: component)
        self.reuse = reuse
        self.output = output
    }

    /// Answers one request.
    ///
    /// - Parameters:
    ///   - head: the request's head as the guest is to see it.
    ///   - extraFields: header fields that the host adds to the request.
    ///   - loop: of the exchange's event loop.
    ///   - ended: called once, when the guest has done with the request.
    package func answer(
        _ exchange: Exchange, head: RequestHead, extraFields: [(String, String)], on loop: ExecutorLoop,
        ended: @escaping () -> Void
    ) {
        switch self.handler {
        case .incoming(let function):
            loop.makeRoom()
            self.answer(exchange, head, extraFields, by: function, slices: loop.slices, ended: ended)
        case .concurrent(let function):
            loop.instances(of: self, function).answer(exchange, head, extraFields, ended: ended)
        case .spin(let function):
            loop.makeRoom()
            self.answer(exchange, head, extraFields, bySpinHandler: function, slices: loop.slices, ended: ended)
        }
    }

    private func answer(
        _ exchange: Exchange, _ head: RequestHead, _ extraFields: [(String, String)], by handler: ExportedFunction,
        slices: SliceQueue, ended: @escaping () -> Void
    ) {
        let slot = ResponseSlot(exchange.response)
        let limit = self.limits.startTimeout(on: exchange.eventLoop)
        self.runFreshInstance(for: exchange, limit: limit, slices: slices, ended: ended) { instance in
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
            self.finish(exchange, slot, result, backtrace)
        }
    }

    /// Runs `body` in an instance of its own, which goes when the client does.
    ///
    /// - Parameters:
    ///   - limit: of the request, some of which may be used up.
    ///   - ended: called once, when the instance is gone.
    ///   - completion: called before that, unless the client went away.
    func runFreshInstance(
        for exchange: Exchange, limit: TimeLimit?, slices: SliceQueue, ended: @escaping () -> Void,
        body: @escaping (ComponentInstance) throws -> Void,
        completion: @escaping (Result<Void, any Error>, _ backtrace: [Trap.Frame]) -> Void
    ) {
        let output = self.output.open()
        let context = WASIContext(
            configuration: self.configuration, eventLoop: exchange.eventLoop, stdout: output.stdout,
            stderr: output.stderr)
        context.callDepth = exchange.callDepth
        let invocation = Invocation(
            of: self.component, limits: self.limits.store, host: context, eventLoop: exchange.eventLoop,
            slices: slices, timeout: limit, processorTime: self.limits.processorTime,
            body: body
        ) { result, backtrace in
            exchange.onClose = nil
            completion(result, backtrace)
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
                self.report.message(
                    exchange.head, "the guest answered with the error \(GuestReport.name(of: code))")
            case .pending:
                self.report.message(exchange.head, "the guest returned without a response")
                exchange.respond(status: 500)
            }
        case .failure(let error):
            self.report.failure(of: exchange.head, error, backtrace)
            exchange.fail()
        }
    }

    /// A guest that ends itself with status 0 has returned, as far as its answer is concerned.
    private static func withoutOrderlyExit(_ result: Result<Void, any Error>) -> Result<Void, any Error> {
        guard case .failure(WasmFailure.host(let error)) = result, let exit = error as? GuestExit, exit.status == 0
        else { return result }
        return .success(())
    }
}

extension Exchange {
    /// Tells the client that there is no (complete) answer: 500, or where it has begun, its end in the middle.
    func fail() {
        if self.response.headWritten {
            self.response.abort()
        } else {
            self.respond(status: 500)
        }
    }
}
