package import ComponentModel
package import HTTP

/// `wasi:http/types@0.3.fields`: headers or trailers.
package final class FieldsV3Resource: MessageFields, WasiHttpTypesV3.Fields {
    package typealias HeaderError = WasiHttpTypesV3.HeaderError

    /// Fields of a received message: immutable.
    package convenience init(received fields: HTTPFields) {
        self.init(FieldStorage(received: fields), isMutable: false)
    }

    package static func make(in call: borrowing HostCall) throws -> FieldsV3Resource {
        FieldsV3Resource(FieldStorage(budget: call.host(WASIContext.self).budget), isMutable: true)
    }

    package static func fromList(
        entries: [(String, [UInt8])], in call: borrowing HostCall
    ) throws -> WITResult<FieldsV3Resource, HeaderError> {
        let fields = try self.make(in: call)
        for (name, value) in entries {
            if let error = try fields.add(name, value) { return .error(error) }
        }
        return .ok(fields)
    }

    package func set(
        name: String, value: [[UInt8]], in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        // What it replaces is not taken into account: nobody is near the limit by what one name holds.
        let size = value.reduce(0) { $0 + name.utf8.count + $1.count + FieldStorage.overhead }
        guard self.storage.hasRoom(for: size) else { return .error(.sizeExceeded) }
        return WITResult(refusal: try self.replace(name, by: value))
    }

    package func delete(name: String, in call: borrowing HostCall) throws -> WITResult<Void, HeaderError> {
        WITResult(refusal: self.remove(name))
    }

    package func getAndDelete(
        name: String, in call: borrowing HostCall
    ) throws -> WITResult<[any HostBytes], HeaderError> {
        let values = self.values(named: name)
        if let refusal = self.remove(name) { return .error(HeaderError(refusal)) }
        return .ok(values)
    }

    package func append(
        name: String, value: GuestBytes, in call: borrowing HostCall
    ) throws -> WITResult<Void, HeaderError> {
        try self.add(name, value.copied()).map { .error($0) } ?? .ok
    }

    package func copyAll(in call: borrowing HostCall) throws -> [(String, any HostBytes)] {
        self.visibleEntries
    }

    package func clone(in call: borrowing HostCall) throws -> FieldsV3Resource {
        FieldsV3Resource(try self.copiedStorage(in: call), isMutable: true)
    }

    private func add(_ name: String, _ value: [UInt8]) throws -> HeaderError? {
        guard self.storage.hasRoom(for: name.utf8.count + value.count) else { return .sizeExceeded }
        return try self.append(name, value).map { HeaderError($0) }
    }
}

extension WasiHttpTypesV3.HeaderError: FieldsError {}
