import Testing

/// One version of a capability's interface: how a guest opens something by it, and one thing that it then asks.
struct GuestInterface: Sendable, CustomTestStringConvertible {
    enum Capability: Sendable {
        case keyValue
        case sqlite
        case redis
    }

    let name: String
    let capability: Capability
    /// The cases of its error, in its order; those in `texts` have a text.
    let errors: [String]
    /// What the instance exports besides the functions: the types `$e` and, unless handles are numbers, `$c`.
    let types: String
    /// Nil where every function has the address.
    let open: Function?
    let operation: Function

    struct Function: Sendable {
        let name: String
        let type: String
        var isAsync = false

        var text: String { "(func\(self.isAsync ? " async" : "") \(self.type))" }
    }

    var testDescription: String { self.name }

    private init(
        _ name: String, _ capability: Capability, errors: [String], texts: Set<String> = ["other", "io"],
        resource: String? = nil, open: Function?, _ operation: Function
    ) {
        self.name = name
        self.capability = capability
        self.errors = errors
        let isEnum = errors.allSatisfy { !texts.contains($0) }
        let cases = errors.map { isEnum ? "\"\($0)\"" : "(case \"\($0)\"\(texts.contains($0) ? " string" : ""))" }
        self.types =
            "(type $e.is (\(isEnum ? "enum" : "variant") \(cases.joined(separator: " "))))"
            + " (export \"error\" (type $e (eq $e.is)))"
            + (resource.map { " (export \"\($0)\" (type $c (sub resource)))" } ?? "")
        self.open = open
        self.operation = operation
    }

    // MARK: All

    static let keyValue: [GuestInterface] = [
        GuestInterface(
            "fermyon:spin/key-value", .keyValue,
            errors: ["store-table-full", "no-such-store", "access-denied", "invalid-store", "no-such-key", "io"],
            open: Function(name: "open", type: "(param \"name\" string) (result (result u32 (error $e)))"),
            Function(
                name: "get",
                type: "(param \"store\" u32) (param \"key\" string) (result (result (list u8) (error $e)))")),
        GuestInterface(
            "fermyon:spin/key-value@2.0.0", .keyValue, errors: Self.storeErrors, resource: "store",
            open: Function(name: "[static]store.open", type: Self.opening("label")),
            Function(name: "[method]store.get", type: Self.getting)),
        GuestInterface(
            "spin:key-value/key-value@3.0.0", .keyValue, errors: Self.storeErrors, resource: "store",
            open: Function(name: "[static]store.open", type: Self.opening("label"), isAsync: true),
            Function(name: "[method]store.get", type: Self.getting, isAsync: true)),
        GuestInterface(
            "wasi:keyvalue/store@0.2.0-draft2", .keyValue, errors: ["no-such-store", "access-denied", "other"],
            resource: "bucket", open: Function(name: "open", type: Self.opening("identifier")),
            Function(name: "[method]bucket.get", type: Self.getting)),
    ]

    static let redis: [GuestInterface] = [
        GuestInterface(
            "fermyon:spin/redis", .redis, errors: ["success", "error"], open: nil,
            Function(
                name: "get",
                type: "(param \"address\" string) (param \"key\" string) (result (result (list u8) (error $e)))")),
        GuestInterface(
            "fermyon:spin/redis@2.0.0", .redis, errors: Self.redisErrors, resource: "connection",
            open: Function(name: "[static]connection.open", type: Self.opening("address")),
            Function(name: "[method]connection.get", type: Self.getting)),
        GuestInterface(
            "spin:redis/redis@3.0.0", .redis, errors: Self.redisErrors, resource: "connection",
            open: Function(name: "[static]connection.open", type: Self.opening("address"), isAsync: true),
            Function(name: "[method]connection.get", type: Self.getting, isAsync: true)),
    ]

    private static let storeErrors = ["store-table-full", "no-such-store", "access-denied", "other"]
    private static let redisErrors = ["invalid-address", "too-many-connections", "type-error", "other"]
    private static let getting =
        "(param \"self\" (borrow $c)) (param \"key\" string) (result (result (option (list u8)) (error $e)))"

    private static func opening(_ parameter: String) -> String {
        "(param \"\(parameter)\" string) (result (result (own $c) (error $e)))"
    }
}
