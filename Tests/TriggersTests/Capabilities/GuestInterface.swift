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

    var testDescription: String { "\(self.name) \(self.operation.name)" }

    private init(
        _ name: String, _ capability: Capability, errors: [String], texts: Set<String> = ["other", "io"],
        resource: String? = nil, otherTypes: String = "", open: Function?, _ operation: Function
    ) {
        self.name = name
        self.capability = capability
        self.errors = errors
        let isEnum = errors.allSatisfy { !texts.contains($0) }
        let cases = errors.map { isEnum ? "\"\($0)\"" : "(case \"\($0)\"\(texts.contains($0) ? " string" : ""))" }
        self.types =
            otherTypes + "(type $e.is (\(isEnum ? "enum" : "variant") \(cases.joined(separator: " "))))"
            + " (export \"error\" (type $e (eq $e.is)))"
            + (resource.map { " (export \"\($0)\" (type $c (sub resource)))" } ?? "")
        self.open = open
        self.operation = operation
    }

    /// The interface with another function to call.
    private init(_ interface: GuestInterface, _ operation: Function) {
        self.name = interface.name
        self.capability = interface.capability
        self.errors = interface.errors
        self.types = interface.types
        self.open = interface.open
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

    /// The same with `smembers`: what gives a list is read and counted like what gives bytes.
    static let redisLists: [GuestInterface] = Self.redis.map { interface in
        let isMethod = interface.open != nil
        let function = Function(
            name: isMethod ? "[method]connection.smembers" : "smembers",
            type: (isMethod ? "(param \"self\" (borrow $c))" : "(param \"address\" string)")
                + " (param \"key\" string) (result (result (list string) (error $e)))",
            isAsync: interface.operation.isAsync)
        return GuestInterface(interface, function)
    }

    /// Any command, by the interface in which every function has the address.
    static let redisCommand = GuestInterface(
        "fermyon:spin/redis", .redis, errors: ["success", "error"],
        otherTypes: """
            (type $parameter.is (variant (case "int64" s64) (case "binary" (list u8))))
            (export "redis-parameter" (type $parameter (eq $parameter.is)))
            (type $reply.is (variant (case "nil") (case "status" string) (case "int64" s64) (case "binary" (list u8))))
            (export "redis-result" (type $reply (eq $reply.is)))

            """,
        open: nil,
        Function(
            name: "execute",
            type: "(param \"address\" string) (param \"command\" string) "
                + "(param \"arguments\" (list $parameter)) (result (result (list $reply) (error $e)))"))

    static let sqlite: [GuestInterface] = [
        GuestInterface(
            "fermyon:spin/sqlite", .sqlite, errors: Self.databaseErrors, otherTypes: Self.rowTypes,
            open: Function(name: "open", type: "(param \"database\" string) (result (result u32 (error $e)))"),
            Function(name: "execute", type: "(param \"conn\" u32) \(Self.executing)")),
        GuestInterface(
            "fermyon:spin/sqlite@2.0.0", .sqlite, errors: Self.databaseErrors, resource: "connection",
            otherTypes: Self.rowTypes,
            open: Function(name: "[static]connection.open", type: Self.opening("database")), Self.execute),
        GuestInterface(
            "spin:sqlite/sqlite@3.0.0", .sqlite, errors: Self.databaseErrors, resource: "connection",
            otherTypes: Self.rowTypes,
            open: Function(name: "[static]connection.open", type: Self.opening("database")), Self.execute),
        GuestInterface(
            "spin:sqlite/sqlite@3.1.0", .sqlite, errors: Self.databaseErrors, resource: "connection",
            otherTypes: Self.rowTypes,
            open: Function(name: "[static]connection.open-async", type: Self.opening("database"), isAsync: true),
            Self.execute),
    ]

    static let all = Self.keyValue + Self.sqlite + Self.redis

    /// Whether the question has parameters beside it.
    var hasParameters: Bool { self.operation.name.hasSuffix("execute") }

    /// What it can ask for: a key, or SQL.
    var question: String { self.capability == .sqlite ? "select 1" : "key" }

    private static let databaseErrors = [
        "no-such-database", "access-denied", "invalid-connection", "database-full", "io",
    ]
    private static let executing =
        "(param \"statement\" string) (param \"parameters\" (list $value)) (result (result $rows (error $e)))"
    private static let execute = Function(
        name: "[method]connection.execute", type: "(param \"self\" (borrow $c)) \(Self.executing)")
    private static let rowTypes = """
        (type $value.is (variant (case "integer" s64) (case "real" float64) (case "text" string)
          (case "blob" (list u8)) (case "null")))
        (export "value" (type $value (eq $value.is)))
        (type $row.is (record (field "values" (list $value))))
        (export "row-result" (type $row (eq $row.is)))
        (type $rows.is (record (field "columns" (list string)) (field "rows" (list $row))))
        (export "query-result" (type $rows (eq $rows.is)))

        """

    private static let storeErrors = ["store-table-full", "no-such-store", "access-denied", "other"]
    private static let redisErrors = ["invalid-address", "too-many-connections", "type-error", "other"]
    private static let getting =
        "(param \"self\" (borrow $c)) (param \"key\" string) (result (result (option (list u8)) (error $e)))"

    private static func opening(_ parameter: String) -> String {
        "(param \"\(parameter)\" string) (result (result (own $c) (error $e)))"
    }
}
