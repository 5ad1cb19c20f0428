/// The JSON schema of manifests of version 2, for editors that complete and check while one writes.
package enum ManifestSchemaDocument {
    package static let root = Self.object(
        [
            "spin_manifest_version": .object(["const": .integer(2)]),
            "application": Self.application,
            "variables": Self.map(of: Self.variable, names: "^[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*$"),
            "trigger": Self.object(
                [
                    "http": Self.array(of: Self.httpTrigger), "redis": Self.array(of: Self.redisTrigger),
                ], others: Self.array(of: Self.trigger([:], required: [], others: .boolean(true)))),
            "component": Self.map(of: .object(["$ref": .string("#/$defs/component")]), names: Self.kebab),
        ], required: ["spin_manifest_version", "application"],
        more: [
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("Manifest of a Spin or Swirl application"),
            "$defs": .object(["component": Self.component]),
        ])

    private static let kebab = "^[A-Za-z][A-Za-z0-9]*(-[A-Za-z][A-Za-z0-9]*)*$"
    private static let string = JSONValue.object(["type": .string("string")])
    private static let boolean = JSONValue.object(["type": .string("boolean")])
    private static let strings = Self.array(of: Self.string)
    private static let tool = JSONValue.object(["type": .string("object")])

    // MARK: - Parts

    private static let targets = Self.array(
        of: Self.any(of: [
            Self.string, Self.object(["url": Self.string], required: ["url"]),
            Self.object(["path": Self.string], required: ["path"]),
        ]))

    private static let application = Self.object(
        [
            "name": Self.string, "version": Self.string, "description": Self.string, "authors": Self.strings,
            "targets": Self.targets, "tool": Self.tool,
            "trigger": Self.object(
                [
                    "http": .object(["type": .string("object")]),
                    "redis": Self.object(["address": Self.string]),
                ], others: .object(["type": .string("object")])),
        ], required: ["name"])

    private static let variable = Self.object([
        "description": Self.string, "required": Self.boolean, "default": Self.string, "secret": Self.boolean,
    ])

    private static let source = Self.any(of: [
        Self.string, Self.remote([:]),
        Self.object(
            ["package": Self.string, "version": Self.string, "registry": Self.string], required: ["package", "version"]),
    ])

    private static let inherit = Self.any(of: [
        Self.boolean,
        Self.array(of: .object(["enum": .array(Inheritance.capabilities.map { .string($0) })])),
    ])

    private static func dependency(_ more: [String: JSONValue], isVersionEnough: Bool) -> JSONValue {
        let common = more.merging(["inherit_configuration": Self.inherit]) { first, _ in first }
        let forms = [
            Self.object(
                common.merging(["version": Self.string, "package": Self.string, "registry": Self.string]) { $1 },
                required: isVersionEnough ? ["version"] : ["version", "package"]),
            Self.object(common.merging(["path": Self.string]) { $1 }, required: ["path"]), Self.remote(common),
            Self.object(common.merging(["component": Self.string]) { $1 }, required: ["component"]),
        ]
        return Self.any(of: isVersionEnough ? [Self.string] + forms : forms)
    }

    private static let dependencies = Self.map(
        of: Self.dependency(["export": Self.string], isVersionEnough: true), names: nil)

    private static let commands = Self.any(of: [Self.string, Self.strings])

    private static let profile = Self.object([
        "source": Self.source, "environment": Self.map(of: Self.string, names: nil), "dependencies": Self.dependencies,
        "build": Self.object(["command": Self.commands], required: ["command"]),
    ])

    private static let component = Self.object(
        [
            "source": Self.source, "description": Self.string, "variables": Self.map(of: Self.string, names: nil),
            "environment": Self.map(of: Self.string, names: nil),
            "files": Self.array(
                of: Self.any(of: [
                    Self.string,
                    Self.object(
                        ["source": Self.string, "destination": Self.string], required: ["source", "destination"]),
                ])), "exclude_files": Self.strings, "allowed_outbound_hosts": Self.strings,
            "allowed_http_hosts": .object([
                "type": .string("array"), "items": Self.string, "deprecated": .boolean(true),
            ]), "key_value_stores": Self.strings, "sqlite_databases": Self.strings, "ai_models": Self.strings,
            "targets": Self.targets,
            "build": Self.object(
                ["command": Self.commands, "workdir": Self.string, "watch": Self.strings], required: ["command"]),
            "tool": Self.tool, "dependencies": Self.dependencies,
            "dependencies_inherit_configuration": Self.boolean, "profile": Self.map(of: Self.profile, names: nil),
        ], required: ["source"])

    private static func trigger(
        _ settings: [String: JSONValue], required: [String], others: JSONValue = .boolean(false)
    ) -> JSONValue {
        let reference = Self.any(of: [Self.string, .object(["$ref": .string("#/$defs/component")])])
        let common = [
            "id": Self.string, "component": reference,
            "components": Self.map(of: Self.any(of: [reference, Self.array(of: reference)]), names: nil),
            "dependencies": Self.map(of: Self.array(of: Self.dependency([:], isVersionEnough: false)), names: nil),
        ]
        return Self.object(common.merging(settings) { $1 }, required: required, others: others)
    }

    private static let httpTrigger = Self.trigger(
        [
            "route": Self.any(of: [
                Self.string, Self.object(["private": .object(["const": .boolean(true)])], required: ["private"]),
            ]),
            "static_response": Self.object([
                "status_code": .object(["type": .string("integer")]), "headers": Self.map(of: Self.string, names: nil),
                "body": Self.string,
            ]),
            "executor": Self.object(
                [
                    "type": .object(["enum": .array([.string("http"), .string("spin"), .string("wagi")])]),
                    "entrypoint": Self.string, "argv": Self.string,
                ], required: ["type"]),
        ], required: ["route"])

    private static let redisTrigger = Self.trigger(
        ["channel": Self.string, "address": Self.string], required: ["channel"])

    // MARK: - Forms

    private static func object(
        _ properties: [String: JSONValue], required: [String] = [], others: JSONValue = .boolean(false),
        more: [String: JSONValue] = [:]
    ) -> JSONValue {
        var schema = more
        schema["type"] = .string("object")
        schema["properties"] = .object(properties)
        schema["additionalProperties"] = others
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        return .object(schema)
    }

    private static func map(of value: JSONValue, names: String?) -> JSONValue {
        var schema: [String: JSONValue] = ["type": .string("object"), "additionalProperties": value]
        if let names { schema["propertyNames"] = .object(["pattern": .string(names)]) }
        return .object(schema)
    }

    private static func array(of value: JSONValue) -> JSONValue {
        .object(["type": .string("array"), "items": value])
    }

    private static func any(of forms: [JSONValue]) -> JSONValue {
        .object(["anyOf": .array(forms)])
    }

    private static func remote(_ more: [String: JSONValue]) -> JSONValue {
        let digest = JSONValue.object(["type": .string("string"), "pattern": .string("^sha256:[0-9a-f]{64}$")])
        return Self.object(more.merging(["url": Self.string, "digest": digest]) { $1 }, required: ["url", "digest"])
    }
}
