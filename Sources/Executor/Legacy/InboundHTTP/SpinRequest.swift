import ComponentModel
import HTTP
import NIOCore

/// A request as `fermyon:spin/inbound-http.handle-request` gets it: a record with the whole body.
///
/// Source: Spin's executor for that interface.
struct SpinRequest {
    /// In the order of the interface's enum.
    private static let methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]

    private let method: UInt32
    private let uri: String
    private let headers: [(String, String)]
    private let body: ByteBuffer

    /// Nil when the interface has no such method.
    static func method(_ name: String) -> UInt32? { self.methods.firstIndex(of: name).map { UInt32($0) } }

    /// - Parameters:
    ///   - method: see ``method(_:)``.
    ///   - extraFields: header fields that the host adds, after the client's, whose fields of these names are left out.
    init(method: UInt32, _ head: RequestHead, _ extraFields: [(String, String)], body: ByteBuffer) {
        self.method = method
        self.uri = head.target
        let added = Set(extraFields.map(\.0))
        var headers: [(String, String)] = []
        headers.reserveCapacity(head.fields.count + extraFields.count)
        for index in 0..<head.fields.count {
            let name = head.fields.name(at: index)
            // What `connection` says is about this connection alone. The others' names are what the guest may trust.
            guard name != "connection", !added.contains(name) else { continue }
            headers.append((name, head.fields.value(at: index)))
        }
        self.headers = headers + extraFields
        self.body = body
    }

    /// Writes the record's flat values: ten of them.
    func lower(_ flat: borrowing FlatValues, in call: borrowing HostCall) throws {
        let uri = try call.lower(self.uri)
        let headers = try self.lower(self.headers, in: call)
        let parameters = try self.lower([], in: call)
        let body = try call.lower(self.body)
        flat.set(i32: self.method, at: 0)
        flat.set(i32: uri.pointer, at: 1)
        flat.set(i32: uri.length, at: 2)
        flat.set(i32: headers.pointer, at: 3)
        flat.set(i32: headers.length, at: 4)
        flat.set(i32: parameters.pointer, at: 5)
        flat.set(i32: parameters.length, at: 6)
        flat.set(i32: 1, at: 7)
        flat.set(i32: body.pointer, at: 8)
        flat.set(i32: body.length, at: 9)
    }

    /// A `list<tuple<string, string>>`.
    private func lower(
        _ pairs: [(String, String)], in call: borrowing HostCall
    ) throws -> (pointer: UInt32, length: UInt32) {
        let pointer = try call.allocate(size: pairs.count * 16, alignment: 4)
        var texts: [(pointer: UInt32, length: UInt32)] = []
        texts.reserveCapacity(pairs.count * 2)
        for (name, value) in pairs {
            texts.append(try call.lower(name))
            texts.append(try call.lower(value))
        }
        // Only now: the memory may have moved meanwhile.
        let view = try call.view(pointer, size: pairs.count * 16, alignment: 4)
        for (index, text) in texts.enumerated() {
            view.set(u32: text.pointer, at: index * 8)
            view.set(u32: text.length, at: index * 8 + 4)
        }
        return (pointer, UInt32(pairs.count))
    }
}
