import AppModel
import ComponentModel
import HTTP
import NIOCore
import WASI
import WasmEngine

/// Requests to components that handle them by `fermyon:spin/inbound-http`: one call with the whole request, which
/// returns the whole response.
extension HTTPComponent {
    func answer(
        _ exchange: Exchange, _ head: RequestHead, _ extraFields: [(String, String)],
        bySpinHandler handler: ExportedFunction, slices: SliceQueue, ended: @escaping () -> Void
    ) {
        guard let method = SpinRequest.method(head.method) else {
            exchange.body.discard()
            exchange.respond(status: 405)
            return ended()
        }
        let limit = self.limits.startTimeout(on: exchange.eventLoop)
        BodyReader.read(
            exchange, within: self.limits.wholeBodies, limit: limit, log: { self.report.message(exchange.head, $0) },
            ended: ended
        ) { body in
            let request = SpinRequest(method: method, head, extraFields, body: body.bytes)
            self.run(exchange, request, by: handler, limit: limit, slices: slices) {
                body.claim.giveBack()
                ended()
            }
        }
    }

    private func run(
        _ exchange: Exchange, _ request: SpinRequest, by handler: ExportedFunction, limit: TimeLimit?,
        slices: SliceQueue, ended: @escaping () -> Void
    ) {
        self.runFreshInstance(for: exchange, limit: limit, slices: slices, ended: ended) { instance in
            try instance.call(
                handler,
                arguments: { flat in
                    try instance.withValues(of: handler) { call in try request.lower(flat, in: call) }
                },
                results: { flat in
                    let pointer = flat.i32(0)
                    try instance.withValues(of: handler) { call in
                        try exchange.send(SpinResponse(at: pointer, in: call))
                    }
                })
        } completion: { result, backtrace in
            guard case .failure(let error) = result else { return }
            self.report.failure(of: exchange.head, error, backtrace)
            exchange.fail()
        }
    }
}

extension Exchange {
    fileprivate func send(_ response: SpinResponse) throws {
        guard self.response.writeHead(response.head) else {
            throw SpinResponse.Problem(description: "its response has a `content-length` that is none")
        }
        self.response.write(copying: response.body)
        self.response.finish()
    }
}
