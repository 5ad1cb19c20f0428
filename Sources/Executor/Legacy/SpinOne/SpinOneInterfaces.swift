import ComponentModel

/// Spin's own interfaces as they were before they had versions, `fermyon:spin/…`: modules of Spin 1 call them under
/// names of their own, with the same types.
///
/// Source: Spin's `wit/deps/spin@unversioned`; the adapter in its crate `componentize`, for the modules' names.
enum SpinOneInterfaces {
    /// What modules call interfaces and functions, and what components do.
    struct Interface {
        let module: String
        let component: String
        let functions: [(module: String, component: String, type: ComponentFunctionType)]
    }

    static let imported: [Interface] = [
        http, config, redis, keyValue, sqlite,
        database("outbound-pg", "fermyon:spin/postgres", executed: .u64),
        database("outbound-mysql", "fermyon:spin/mysql", executed: nil), llm,
    ]

    // MARK: HTTP

    private static let headers = ValueType.list(.tuple([.string, .string]))
    private static let bytes = ValueType.list(.u8)
    private static let request = ValueType.record([
        .init("method", .enum(["get", "post", "put", "delete", "patch", "head", "options"])),
        .init("uri", .string), .init("headers", headers), .init("params", headers), .init("body", .option(bytes)),
    ])
    private static let response = ValueType.record([
        .init("status", .u16), .init("headers", .option(headers)), .init("body", .option(bytes)),
    ])

    /// `fermyon:spin/inbound-http.handle-request`.
    static let handleRequest = function(["req": request], response)
    /// `fermyon:spin/inbound-redis.handle-message`.
    static let handleMessage = function(["message": bytes], result(nil, redisError))

    private static let http = Interface(
        module: "wasi-outbound-http", component: "fermyon:spin/http",
        functions: [
            (
                "request", "send-request",
                function(
                    ["req": request],
                    result(
                        response,
                        .enum([
                            "success", "destination-not-allowed", "invalid-url", "request-error", "runtime-error",
                            "too-many-requests",
                        ])))
            )
        ])

    // MARK: Configuration

    private static let config = Interface(
        module: "spin-config", component: "fermyon:spin/config",
        functions: [
            (
                "get-config", "get-config",
                function(
                    ["key": .string],
                    result(
                        .string,
                        .variant([
                            .init("provider", .string), .init("invalid-key", .string), .init("invalid-schema", .string),
                            .init("other", .string),
                        ])))
            )
        ])

    // MARK: Redis

    private static let redisError = ValueType.enum(["success", "error"])
    private static let redisParameter = ValueType.variant([.init("int64", .s64), .init("binary", bytes)])
    private static let redisResult = ValueType.variant([
        .init("nil"), .init("status", .string), .init("int64", .s64), .init("binary", bytes),
    ])
    private static let texts = ValueType.list(.string)

    private static let redis = same(
        "outbound-redis", "fermyon:spin/redis",
        [
            "publish": function(
                ["address": .string, "channel": .string, "payload": bytes], result(nil, redisError)),
            "get": function(["address": .string, "key": .string], result(bytes, redisError)),
            "set": function(["address": .string, "key": .string, "value": bytes], result(nil, redisError)),
            "incr": function(["address": .string, "key": .string], result(.s64, redisError)),
            "del": function(["address": .string, "keys": texts], result(.s64, redisError)),
            "sadd": function(["address": .string, "key": .string, "values": texts], result(.s64, redisError)),
            "smembers": function(["address": .string, "key": .string], result(texts, redisError)),
            "srem": function(["address": .string, "key": .string, "values": texts], result(.s64, redisError)),
            "execute": function(
                ["address": .string, "command": .string, "arguments": .list(redisParameter)],
                result(.list(redisResult), redisError)),
        ])

    // MARK: Key-value

    private static let keyValueError = ValueType.variant([
        .init("store-table-full"), .init("no-such-store"), .init("access-denied"), .init("invalid-store"),
        .init("no-such-key"), .init("io", .string),
    ])

    private static let keyValue = same(
        "key-value", "fermyon:spin/key-value",
        [
            "open": function(["name": .string], result(.u32, keyValueError)),
            "get": function(["store": .u32, "key": .string], result(bytes, keyValueError)),
            "set": function(["store": .u32, "key": .string, "value": bytes], result(nil, keyValueError)),
            "delete": function(["store": .u32, "key": .string], result(nil, keyValueError)),
            "exists": function(["store": .u32, "key": .string], result(.bool, keyValueError)),
            "get-keys": function(["store": .u32], result(texts, keyValueError)),
            "close": function(["store": .u32], nil),
        ])

    // MARK: Databases

    private static let sqliteError = ValueType.variant([
        .init("no-such-database"), .init("access-denied"), .init("invalid-connection"), .init("database-full"),
        .init("io", .string),
    ])
    private static let sqliteValue = ValueType.variant([
        .init("integer", .s64), .init("real", .f64), .init("text", .string), .init("blob", bytes), .init("null"),
    ])
    private static let sqliteRows = ValueType.record([
        .init("columns", texts), .init("rows", .list(.record([.init("values", .list(sqliteValue))]))),
    ])

    private static let sqlite = same(
        "sqlite", "fermyon:spin/sqlite",
        [
            "open": function(["database": .string], result(.u32, sqliteError)),
            "execute": function(
                ["conn": .u32, "statement": .string, "parameters": .list(sqliteValue)],
                result(sqliteRows, sqliteError)),
            "close": function(["conn": .u32], nil),
        ])

    private static let databaseError = ValueType.variant([
        .init("success"), .init("connection-failed", .string), .init("bad-parameter", .string),
        .init("query-failed", .string), .init("value-conversion-failed", .string), .init("other-error", .string),
    ])
    private static let databaseParameter: [ValueType.Case] = [
        .init("boolean", .bool), .init("int8", .s8), .init("int16", .s16), .init("int32", .s32), .init("int64", .s64),
        .init("uint8", .u8), .init("uint16", .u16), .init("uint32", .u32), .init("uint64", .u64),
        .init("floating32", .f32), .init("floating64", .f64), .init("str", .string), .init("binary", bytes),
        .init("db-null"),
    ]
    private static let databaseColumn = ValueType.record([
        .init("name", .string),
        .init(
            "data-type",
            .enum([
                "boolean", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "floating32",
                "floating64", "str", "binary", "other",
            ])),
    ])
    private static let databaseRows = ValueType.record([
        .init("columns", .list(databaseColumn)),
        .init("rows", .list(.list(.variant(databaseParameter + [.init("unsupported")])))),
    ])

    private static func database(_ module: String, _ component: String, executed: ValueType?) -> Interface {
        func call(_ answer: ValueType?) -> ComponentFunctionType {
            self.function(
                ["address": .string, "statement": .string, "params": .list(.variant(self.databaseParameter))],
                self.result(answer, self.databaseError))
        }
        return self.same(module, component, ["query": call(self.databaseRows), "execute": call(executed)])
    }

    // MARK: Language models

    private static let llmError = ValueType.variant([
        .init("model-not-supported"), .init("runtime-error", .string), .init("invalid-input", .string),
    ])
    private static let llmParameters = ValueType.record([
        .init("max-tokens", .u32), .init("repeat-penalty", .f32), .init("repeat-penalty-last-n-token-count", .u32),
        .init("temperature", .f32), .init("top-k", .u32), .init("top-p", .f32),
    ])

    private static let llm = same(
        "llm", "fermyon:spin/llm",
        [
            "infer": function(
                ["model": .string, "prompt": .string, "params": .option(llmParameters)],
                result(
                    .record([
                        .init("text", .string),
                        .init(
                            "usage",
                            .record([.init("prompt-token-count", .u32), .init("generated-token-count", .u32)])),
                    ]), llmError)),
            "generate-embeddings": function(
                ["model": .string, "text": texts],
                result(
                    .record([
                        .init("embeddings", .list(.list(.f32))),
                        .init("usage", .record([.init("prompt-token-count", .u32)])),
                    ]), llmError)),
        ])

    // MARK: Shorthands

    /// An interface whose functions have the same names for both.
    private static func same(
        _ module: String, _ component: String, _ functions: KeyValuePairs<String, ComponentFunctionType>
    ) -> Interface {
        Interface(module: module, component: component, functions: functions.map { ($0.key, $0.key, $0.value) })
    }

    private static func function(
        _ parameters: KeyValuePairs<String, ValueType>, _ result: ValueType?
    ) -> ComponentFunctionType {
        ComponentFunctionType(parameters.map { .init($0.key, $0.value) }, result: result)
    }

    private static func result(_ ok: ValueType?, _ error: ValueType) -> ValueType { .result(ok: ok, error: error) }
}
