import ComponentModel
import HTTP

/// A response as `fermyon:spin/inbound-http.handle-request` gives it: a record with the whole body, in the guest's
/// memory.
///
/// Source: Spin's executor for that interface.
struct SpinResponse {
    /// A response that cannot be sent.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// Fields that a message has once: of several, the last one counts, as in Spin. Spin does so with all fields, and
    /// loses cookies by it.
    private static let singular: Set<String> = [
        "age", "content-disposition", "content-encoding", "content-location", "content-range", "content-type", "date",
        "etag", "expires", "last-modified", "location", "retry-after", "server",
    ]

    /// Their lengths and ends are the server's to tell.
    private static let ofConnection: Set<String> = ["connection", "keep-alive", "transfer-encoding", "upgrade"]

    let head: ResponseHead
    /// Valid as long as the guest does not run.
    let body: UnsafeRawBufferPointer

    /// Reads the record at `pointer`.
    init(at pointer: UInt32, in call: borrowing HostCall) throws {
        let record = try call.view(pointer, size: 28, alignment: 4)
        let status = Int(record.u16(0))
        // A final response: others have no meaning as the answer to a request.
        guard (200...600).contains(status) else { throw Problem(description: "its response has the status \(status)") }
        var fields = HTTPFields()
        if try Self.isSome(record, at: 4) {
            fields = try Self.fields(at: record.u32(8), count: record.u32(12), in: call)
        }
        self.body =
            try Self.isSome(record, at: 16)
            ? try call.bytes(record.u32(20), record.u32(24)).bytes : UnsafeRawBufferPointer(start: nil, count: 0)
        // The answer to HEAD has the length of a body that is not there.
        if !self.body.isEmpty { fields.removeAll("content-length") }
        self.head = ResponseHead(status: status, fields: fields)
    }

    private static func isSome(_ record: GuestMemoryView, at offset: Int) throws -> Bool {
        switch record.u8(offset) {
        case 0: false
        case 1: true
        default: throw GuestFault("invalid discriminant \(record.u8(offset)) of an option")
        }
    }

    private static func fields(
        at pointer: UInt32, count: UInt32, in call: borrowing HostCall
    ) throws -> HTTPFields {
        let list = try call.list(pointer, count, elementSize: 16, alignment: 4)
        var fields = HTTPFields()
        for index in 0..<Int(count) {
            let offset = index * 16
            let name = try call.string(list.u32(offset), list.u32(offset + 4)).lowercased()
            let value = try call.string(list.u32(offset + 8), list.u32(offset + 12))
            guard !self.ofConnection.contains(name) else { continue }
            if self.singular.contains(name) { fields.removeAll(name) }
            guard fields.append(name, value) else {
                throw Problem(description: "its response has a header field that is none: \(name.debugDescription)")
            }
        }
        return fields
    }
}
