import AppModel
import Testing

/// What a dependency may be given, by interface.
@Suite struct InheritedCapabilityTests {
    @Test(arguments: [
        ("wasi:http/outgoing-handler", "allowed_outbound_hosts"), ("wasi:http/types", nil as String?),
        ("wasi:sockets/tcp", "allowed_outbound_hosts"), ("wasi:sockets/ip-name-lookup", "allowed_outbound_hosts"),
        ("wasi:sockets/network", nil), ("wasi:cli/environment", "environment"), ("wasi:cli/stdout", nil),
        ("wasi:filesystem/preopens", "files"), ("wasi:filesystem/types", nil),
        ("spin:redis/redis", "allowed_outbound_hosts"),
        ("fermyon:spin/key-value", "key_value_stores"), ("fermyon:spin/sqlite", "sqlite_databases"),
        ("spin:variables/variables", "variables"), ("fermyon:spin/llm", "ai_models"), ("wasi:io/streams", nil),
    ])
    func interfacesBelongToCapabilities(interface: String, capability: String?) {
        #expect(InheritedCapability.name(ofInterface: interface) == capability)
    }

    @Test func includesWhatIsSaid() {
        #expect(Inheritance.capabilities.allSatisfy { Inheritance.all.includes($0) })
        #expect(Inheritance.some(["files"]).includes("files"))
        #expect(!Inheritance.some(["files"]).includes("environment"))
        #expect(!Inheritance.capabilities.contains { Inheritance.some([]).includes($0) })
    }
}
