import ComponentModel
import HTTP
import NIOCore
import WASI

/// Bodies as a connection would make them.
enum InboundBodyMaker {
    static func open(_ host: TestHost) -> InboundBody {
        InboundBody(eventLoop: host.loop)
    }

    static func whole(_ text: String, _ host: TestHost) -> InboundBody {
        InboundBody(eventLoop: host.loop, bytes: ByteBuffer(string: text))
    }
}

/// A response that is collected in memory, and the guest's end of it.
final class ResponseBench {
    let host: TestHost
    let collector = ResponseCollector()
    let writer: ResponseWriter
    let slot: ResponseSlot

    init(host: TestHost = TestHost(), isHead: Bool = false) {
        self.host = host
        self.writer = ResponseWriter(sink: self.collector, eventLoop: host.loop, isHeadRequest: isHead)
        self.slot = ResponseSlot(self.writer)
    }

    func response(_ fields: [(String, String)] = []) throws -> OutgoingResponseResource {
        try self.host.call { call throws in
            let entries = fields.map { ($0.0, Array($0.1.utf8)) }
            let headers = try FieldsResource.fromList(entries: entries, in: call)
            return try OutgoingResponseResource.make(headers: headers.value ?? FieldsResource.make(in: call), in: call)
        }
    }

    func body(of response: OutgoingResponseResource) throws -> OutgoingBodyResource? {
        try self.host.call { try response.body(in: $0).value }
    }

    func set(_ response: OutgoingResponseResource) throws {
        try self.host.call {
            try ResponseOutparamResource.set(
                param: ResponseOutparamResource(self.slot), response: .ok(response), in: $0)
        }
    }

    /// Writes `text` as a guest does that waits for each piece.
    func write(_ text: String, to body: OutgoingBodyResource) throws -> WITResult<Void, WasiIoStreams.StreamError>? {
        try self.host.call { call throws in
            guard let stream = try body.write(in: call).value else { return nil }
            return try withGuestBytes(text) { try stream.blockingWriteAndFlush(contents: $0, in: call) }
        }
    }

    func finish(
        _ body: OutgoingBodyResource, trailers: FieldsResource? = nil
    ) throws -> WITResult<Void, WasiHttpTypes.ErrorCode> {
        try self.host.call { try OutgoingBodyResource.finish(this: body, trailers: trailers, in: $0) }
    }

    var sentText: String { String(buffer: self.collector.body) }
}
