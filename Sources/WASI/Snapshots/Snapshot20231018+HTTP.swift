import ComponentModel

/// `wasi:http` of that date: messages are made in one go, changing fields has no result, and errors are four texts.
///
/// What 0.2 refuses by a result that was not there then stops the guest, as in Spin.
extension Snapshot20231018 {
    private static let types = WasiHttpTypes.interface
    private static let error =
        "variant{invalid-url(string), timeout-error(string), protocol-error(string), unexpected-error(string)}"
    private static let fields = "wasi:http/types.fields"
    private static let method =
        "variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}"

    /// Functions of 0.2 with the same type, by their name of then.
    private static let kept = [
        "[method]fields.get", "[method]fields.entries", "[method]fields.clone",
        "[method]incoming-request.method", "[method]incoming-request.path-with-query",
        "[method]incoming-request.scheme", "[method]incoming-request.authority",
        "[method]incoming-request.headers", "[method]incoming-request.consume",
        "[method]incoming-response.status", "[method]incoming-response.headers",
        "[method]incoming-response.consume", "[method]incoming-body.stream", "[static]incoming-body.finish",
        "[method]future-trailers.subscribe", "[method]outgoing-body.write",
        "[method]future-incoming-response.subscribe",
    ]

    static let httpTypes: [HostFunction] =
        Self.kept.flatMap { Self.types.function($0) }
        + Self.types.function("[method]outgoing-request.body", as: "[method]outgoing-request.write")
        + Self.types.function("[method]outgoing-response.body", as: "[method]outgoing-response.write")
        + Self.fieldFunctions + Self.messages + Self.results

    // MARK: Fields

    private static let fieldFunctions: [HostFunction] = [
        HostFunction(
            name: "[constructor]fields", signature: "(list<tuple<string, list<u8>>>) -> own<\(Self.fields)>"
        ) { call in
            let count = call.i32(1)
            let list = try call.list(call.i32(0), count, elementSize: 16, alignment: 4)
            var entries: [(String, [UInt8])] = []
            entries.reserveCapacity(Int(count))
            for index in 0..<Int(count) {
                let offset = index * 16
                entries.append(
                    (
                        try call.string(list.u32(offset), list.u32(offset + 4)),
                        try call.bytes(list.u32(offset + 8), list.u32(offset + 12)).copied()
                    ))
            }
            let made = try FieldsResource.fromList(entries: entries, in: call).orFault("fields")
            call.returnI32(try call.insert(made, WasiHttpTypes.fieldsType))
        },
        HostFunction(
            name: "[method]fields.set", signature: "(borrow<\(Self.fields)>, string, list<list<u8>>)"
        ) { call in
            let this = try call.resource(borrowed: call.i32(0), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            let name = try call.string(call.i32(1), call.i32(2))
            let count = call.i32(4)
            let list = try call.list(call.i32(3), count, elementSize: 8, alignment: 4)
            var values: [[UInt8]] = []
            values.reserveCapacity(Int(count))
            for index in 0..<Int(count) {
                values.append(try call.bytes(list.u32(index * 8), list.u32(index * 8 + 4)).copied())
            }
            try this.set(name: name, value: values, in: call).orFault("fields.set")
        },
        HostFunction(name: "[method]fields.delete", signature: "(borrow<\(Self.fields)>, string)") { call in
            let this = try call.resource(borrowed: call.i32(0), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            let name = try call.string(call.i32(1), call.i32(2))
            try this.delete(name: name, in: call).orFault("fields.delete")
        },
        HostFunction(name: "[method]fields.append", signature: "(borrow<\(Self.fields)>, string, list<u8>)") { call in
            let this = try call.resource(borrowed: call.i32(0), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            let name = try call.string(call.i32(1), call.i32(2))
            let value = try call.bytes(call.i32(3), call.i32(4))
            try this.append(name: name, value: value, in: call).orFault("fields.append")
        },
    ]

    // MARK: Messages

    private static let messages: [HostFunction] = [
        HostFunction(
            name: "[constructor]outgoing-request",
            signature: "(\(Self.method), option<string>, option<variant{HTTP, HTTPS, other(string)}>, option<string>, "
                + "borrow<\(Self.fields)>) -> own<wasi:http/types.outgoing-request>"
        ) { call in
            let method = try WasiHttpTypes.Method.lift(call, at: 0)
            let path = try Self.option(call, at: 3) { try $0.string($0.i32(4), $0.i32(5)) }
            let scheme = try Self.option(call, at: 6) { try WasiHttpTypes.Scheme.lift($0, at: 7) }
            let authority = try Self.option(call, at: 10) { try $0.string($0.i32(11), $0.i32(12)) }
            let headers = try call.resource(borrowed: call.i32(13), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            let request = try OutgoingRequestResource.make(headers: headers.clone(in: call), in: call)
            try request.setMethod(method: method, in: call).orFault("outgoing-request: method")
            try request.setPathWithQuery(pathWithQuery: path, in: call).orFault("outgoing-request: path-with-query")
            try request.setScheme(scheme: scheme, in: call).orFault("outgoing-request: scheme")
            // A request without one goes to the application itself, if that is allowed: Spin writes ":80" there.
            try request.setAuthority(authority: authority, in: call).orFault("outgoing-request: authority")
            call.returnI32(try call.insert(request, WasiHttpTypes.outgoingRequestType))
        },
        HostFunction(
            name: "[constructor]outgoing-response",
            signature: "(u16, borrow<\(Self.fields)>) -> own<wasi:http/types.outgoing-response>"
        ) { call in
            let headers = try call.resource(borrowed: call.i32(1), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            let response = try OutgoingResponseResource.make(headers: headers.clone(in: call), in: call)
            let status = UInt16(truncatingIfNeeded: call.i32(0))
            try response.setStatusCode(statusCode: status, in: call).orFault("outgoing-response: status-code")
            call.returnI32(try call.insert(response, WasiHttpTypes.outgoingResponseType))
        },
        HostFunction(
            name: "[static]outgoing-body.finish",
            signature: "(own<wasi:http/types.outgoing-body>, option<own<\(Self.fields)>>)"
        ) { call in
            let body = try call.resource(
                owned: call.i32(0), WasiHttpTypes.outgoingBodyType, as: OutgoingBodyResource.self)
            let trailers = try Self.option(call, at: 1) {
                try $0.resource(owned: $0.i32(2), WasiHttpTypes.fieldsType, as: FieldsResource.self)
            }
            try OutgoingBodyResource.finish(this: body, trailers: trailers, in: call).orFault("outgoing-body.finish")
        },
    ]

    private static func option<Value>(
        _ call: borrowing HostCall, at index: Int, _ lift: (borrowing HostCall) throws -> Value
    ) throws -> Value? {
        switch call.i32(index) {
        case 0: nil
        case 1: try lift(call)
        case let other: throw GuestFault.invalidDiscriminant(other, of: "option", cases: 2)
        }
    }

    // MARK: Results

    private static let results: [HostFunction] = [
        HostFunction(
            name: "[static]response-outparam.set",
            signature: "(own<wasi:http/types.response-outparam>, "
                + "result<own<wasi:http/types.outgoing-response>, \(Self.error)>)"
        ) { call in
            let outparam = try call.resource(
                owned: call.i32(0), WasiHttpTypes.responseOutparamType, as: ResponseOutparamResource.self)
            let response: WITResult<OutgoingResponseResource, WasiHttpTypes.ErrorCode>
            switch call.i32(1) {
            case 0:
                response = .ok(
                    try call.resource(
                        owned: call.i32(2), WasiHttpTypes.outgoingResponseType, as: OutgoingResponseResource.self))
            case 1:
                let kinds = ["invalid url", "timeout", "protocol error", "unexpected error"]
                guard call.i32(2) < kinds.count else {
                    throw GuestFault.invalidDiscriminant(call.i32(2), of: "error", cases: kinds.count)
                }
                let text = try call.string(call.i32(3), call.i32(4))
                response = .error(.internalError("\(kinds[Int(call.i32(2))]): \(text)"))
            case let other:
                throw GuestFault.invalidDiscriminant(other, of: "result", cases: 2)
            }
            try ResponseOutparamResource.set(param: outparam, response: response, in: call)
        },
        HostFunction(
            name: "[method]future-trailers.get",
            signature: "(borrow<wasi:http/types.future-trailers>) -> option<result<own<\(Self.fields)>, \(Self.error)>>"
        ) { call in
            let future = try call.resource(
                borrowed: call.i32(0), WasiHttpTypes.futureTrailersType, as: FutureTrailersResource.self)
            let area = call.i32(1)
            guard let trailers = try future.takeTrailers(in: call) else {
                return try call.view(area, size: 20, alignment: 4).set(u8: 0, at: 0)
            }
            switch trailers {
            case .ok(let fields):
                // No trailers cannot be said: they are empty.
                let given = try fields ?? FieldsResource.make(in: call)
                try Self.store(.ok(call.insert(given, WasiHttpTypes.fieldsType)), at: area &+ 4, in: call)
            case .error(let code):
                try Self.store(.error(code), at: area &+ 4, in: call)
            }
            try call.view(area, size: 20, alignment: 4).set(u8: 1, at: 0)
        },
        HostFunction(
            name: "[method]future-incoming-response.get",
            signature: "(borrow<wasi:http/types.future-incoming-response>) -> "
                + "option<result<result<own<wasi:http/types.incoming-response>, \(Self.error)>>>"
        ) { call in
            let future = try call.resource(
                borrowed: call.i32(0), WasiHttpTypes.futureIncomingResponseType,
                as: FutureIncomingResponseResource.self)
            let area = call.i32(1)
            let outcome = try future.get(in: call)
            let view = try call.view(area, size: 24, alignment: 4)
            switch outcome {
            case nil:
                view.set(u8: 0, at: 0)
            case .error:
                view.set(u8: 1, at: 0)
                view.set(u8: 1, at: 4)
            case .ok(let result):
                view.set(u8: 1, at: 0)
                view.set(u8: 0, at: 4)
                switch result {
                case .ok(let response):
                    let handle = try call.insert(response, WasiHttpTypes.incomingResponseType)
                    try Self.store(.ok(handle), at: area &+ 8, in: call)
                case .error(let code):
                    try Self.store(.error(code), at: area &+ 8, in: call)
                }
            }
        },
    ]

    static let outgoingHandler: [HostFunction] = [
        HostFunction(
            name: "handle",
            signature: "(own<wasi:http/types.outgoing-request>, option<record{connect-timeout-ms: option<u32>, "
                + "first-byte-timeout-ms: option<u32>, between-bytes-timeout-ms: option<u32>}>) -> "
                + "result<own<wasi:http/types.future-incoming-response>, \(Self.error)>"
        ) { call in
            let request = try call.resource(
                owned: call.i32(0), WasiHttpTypes.outgoingRequestType, as: OutgoingRequestResource.self)
            let options = try Self.option(call, at: 1) { try Self.requestOptions($0) }
            switch try HttpOutgoingHandlerFunctions.handle(request: request, options: options, in: call) {
            case .ok(let future):
                let handle = try call.insert(future, WasiHttpTypes.futureIncomingResponseType)
                try Self.store(.ok(handle), at: call.i32(8), in: call)
            case .error(let code):
                try Self.store(.error(code), at: call.i32(8), in: call)
            }
        }
    ]

    /// The record that was in place of the resource.
    private static func requestOptions(_ call: borrowing HostCall) throws -> RequestOptionsResource {
        let options = RequestOptionsResource()
        _ = try options.setConnectTimeout(duration: Self.nanoseconds(call, at: 2), in: call)
        _ = try options.setFirstByteTimeout(duration: Self.nanoseconds(call, at: 4), in: call)
        _ = try options.setBetweenBytesTimeout(duration: Self.nanoseconds(call, at: 6), in: call)
        return options
    }

    /// An optional time that the guest gives in milliseconds.
    private static func nanoseconds(_ call: borrowing HostCall, at index: Int) throws -> UInt64? {
        try self.option(call, at: index) { UInt64($0.i32(index + 1)) * 1_000_000 }
    }

    /// Writes a result of a handle or an error of then: `unexpected-error` with its name, as in Spin.
    private static func store(
        _ result: WITResult<UInt32, WasiHttpTypes.ErrorCode>, at pointer: UInt32, in call: borrowing HostCall
    ) throws {
        switch result {
        case .ok(let handle):
            let view = try call.view(pointer, size: 16, alignment: 4)
            view.set(u8: 0, at: 0)
            view.set(u32: handle, at: 4)
        case .error(let code):
            let text = try call.lower(code.text)
            let view = try call.view(pointer, size: 16, alignment: 4)
            view.set(u8: 1, at: 0)
            view.set(u8: 3, at: 4)
            view.set(u32: text.pointer, at: 8)
            view.set(u32: text.length, at: 12)
        }
    }
}

extension WasiHttpTypes.ErrorCode {
    /// The code in words: `connection-refused`.
    fileprivate var text: String {
        if case .internalError(let text?) = self { return "internal-error: \(text)" }
        let swift = "\(self)".prefix { $0 != "(" }
        return swift.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
    }
}

extension WITResult {
    /// The success; a failure stops the guest, for which there was no result to say so.
    fileprivate func orFault(_ what: String) throws -> Success {
        switch self {
        case .ok(let value): return value
        case .error(let error):
            throw GuestFault(error is Void ? "\(what) is not valid" : "\(what) failed: \(error)")
        }
    }
}
