/// What a dependency may be given of a component's permissions, and by which interfaces of the host it uses them
/// (`spin-parity.md` 1.11). Interfaces that are not here give access to nothing outside of the component.
package enum InheritedCapability {
    /// The capability that an interface (`wasi:http/outgoing-handler`, without version) belongs to; nil for none.
    package static func name(ofInterface interface: String) -> String? {
        if interface.hasPrefix("wasi:sockets/") {
            // Types, and what sockets are made with.
            return ["network", "instance-network"].contains(interface.dropFirst("wasi:sockets/".count))
                ? nil : Self.hosts
        }
        return Self.interfaces[interface]
    }

    private static let hosts = "allowed_outbound_hosts"

    private static let interfaces = [
        "fermyon:spin/llm": "ai_models",
        "spin:llm/llm": "ai_models",
        "fermyon:spin/http": Self.hosts,
        "fermyon:spin/mqtt": Self.hosts,
        "fermyon:spin/mysql": Self.hosts,
        "fermyon:spin/postgres": Self.hosts,
        "fermyon:spin/redis": Self.hosts,
        "spin:mqtt/mqtt": Self.hosts,
        "spin:mysql/mysql": Self.hosts,
        "spin:postgres/postgres": Self.hosts,
        "spin:redis/redis": Self.hosts,
        "wasi:http/client": Self.hosts,
        "wasi:http/outgoing-handler": Self.hosts,
        "wasi:cli/environment": "environment",
        "wasi:filesystem/preopens": "files",
        "fermyon:spin/key-value": "key_value_stores",
        "spin:key-value/key-value": "key_value_stores",
        "wasi:keyvalue/store": "key_value_stores",
        "wasi:keyvalue/atomics": "key_value_stores",
        "wasi:keyvalue/batch": "key_value_stores",
        "fermyon:spin/sqlite": "sqlite_databases",
        "spin:sqlite/sqlite": "sqlite_databases",
        "fermyon:spin/config": "variables",
        "fermyon:spin/variables": "variables",
        "spin:variables/variables": "variables",
        "wasi:config/store": "variables",
        "wasi:config/runtime": "variables",
    ]
}

extension Inheritance {
    /// Whether a dependency gets the capability.
    package func includes(_ capability: String) -> Bool {
        switch self {
        case .all: true
        case .some(let names): names.contains(capability)
        }
    }
}
