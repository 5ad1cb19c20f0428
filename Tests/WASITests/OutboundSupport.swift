import HTTP
import NIOCore
import Synchronization
import WASI

/// A network that a test plays: keeps the requests, and answers when it is told to.
final class FakeOutbound: OutboundHTTP, @unchecked Sendable {
    final class Call: OutboundCall {
        let request: OutboundRequest
        let collector = ResponseCollector()
        let writer: ResponseWriter
        let settled: Settled
        var isCancelled = false

        init(_ request: OutboundRequest, _ loop: any EventLoop, _ settled: @escaping Settled) {
            self.request = request
            self.settled = settled
            self.writer = ResponseWriter(sink: self.collector, eventLoop: loop)
            var head = ResponseHead(status: 200)
            if let length = request.declaredLength { head.fields.append("content-length", String(length)) }
            self.writer.writeHead(head)
        }

        var requestBody: (any BodyWriter)? { self.request.hasBody ? self.writer : nil }
        func cancel() { self.isCancelled = true }
    }

    var calls: [Call] = []
    var refusal: WasiHttpTypes.ErrorCode?

    func send(
        _ request: OutboundRequest, on eventLoop: any EventLoop, settled: @escaping Settled
    ) -> (any OutboundCall)? {
        if let refusal = self.refusal {
            settled(.failure(refusal))
            return nil
        }
        let call = Call(request, eventLoop, settled)
        self.calls.append(call)
        return call
    }
}
