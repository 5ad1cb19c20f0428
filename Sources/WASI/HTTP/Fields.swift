package import ComponentModel
package import HTTP

/// `wasi:http/types.fields`: headers or trailers.
package final class FieldsResource: MessageFields, WasiHttpTypes.Fields {
    package typealias HeaderError = WasiHttpTypes.HeaderError

    /// Fields of a received message: immutable.
    package convenience init(received fields: HTTPFields) {
        self.init(FieldStorage(received: fields), isMutable: false)
    }

    package static func make(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(FieldStorage(budget: call.host(WASIContext.self).budget), isMutable: true)
    }

    package static func fromList(
        entries: [(String, [UInt8])], in call: borrowing HostCall
    ) throws -> WITResult<FieldsResource, HeaderError> {
        let fields = try self.make(in: call)
        for (name, value) in entries {
            if let refusal = try fields.append(name, value) { return .error(HeaderError(refusal)) }
        }
        return .ok(fields)
    }

    package func set(
        name: String, value: [[UInt8]], in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        WITResult(refusal: try self.replace(name, by: value))
    }

    package func delete(name: String, in call: borrowing HostCall) throws -> WITResult<Void, HeaderError> {
        WITResult(refusal: self.remove(name))
    }

    package func append(
        name: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        WITResult(refusal: try self.append(name, value.copied()))
    }

    package func entries(in call: borrowing HostCall) throws -> [(String, any HostBytes)] {
        self.visibleEntries
    }

    package func clone(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(try self.copiedStorage(in: call), isMutable: true)
    }
}

extension WasiHttpTypes.HeaderError: FieldsError {}
