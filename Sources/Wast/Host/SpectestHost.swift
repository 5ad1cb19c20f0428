import ComponentModel

/// What Wasmtime's scripts expect of their host: functions at the root, and an instance `host`.
///
/// Source: Wasmtime, `crates/wast/src/spectest.rs`.
struct SpectestHost {
    /// What the host knows of its `resource1` objects.
    final class State {
        var drops: UInt32 = 0
        var lastDrop: UInt32 = 0
    }

    final class Resource1 {
        let rep: UInt32
        private let state: State

        init(rep: UInt32, state: State) {
            self.rep = rep
            self.state = state
        }

        deinit {
            self.state.drops += 1
            self.state.lastDrop = self.rep
        }
    }

    let state = State()

    let registry = HostRegistry([root, host, nested])

    /// Functions that a component imports by a name of its own.
    private static let root = HostInterface(
        name: "", versions: [], resources: [:],
        functions: [
            HostFunction(name: "host-echo-u32", signature: "(u32) -> u32") { call in call.returnI32(call.i32(0)) },
            HostFunction(name: "host-return-two", signature: "() -> u32") { call in call.returnI32(2) },
        ])

    private static let resource1 = HostResourceType(interface: "host", name: "resource1")
    private static let resource2 = HostResourceType(interface: "host", name: "resource2")

    private static let host = HostInterface(
        name: "host", versions: [],
        resources: ["resource1": resource1, "resource2": resource2, "resource1-again": resource1],
        functions: [
            HostFunction(name: "return-three", signature: "() -> u32") { call in call.returnI32(3) },
            HostFunction(name: "nested/return-four", signature: "() -> u32") { call in call.returnI32(4) },
            HostFunction(name: "[constructor]resource1", signature: "(u32) -> own<host.resource1>") { call in
                let resource = Resource1(rep: call.i32(0), state: call.host(State.self))
                call.returnI32(try call.insert(resource, resource1))
            },
            HostFunction(name: "[static]resource1.assert", signature: "(own<host.resource1>, u32)") { call in
                let resource = try call.resource(owned: call.i32(0), resource1, as: Resource1.self)
                try Self.check(resource.rep, call.i32(1))
            },
            HostFunction(name: "[static]resource1.last-drop", signature: "() -> u32") { call in
                call.returnI32(call.host(State.self).lastDrop)
            },
            HostFunction(name: "[static]resource1.drops", signature: "() -> u32") { call in
                call.returnI32(call.host(State.self).drops)
            },
            HostFunction(name: "[method]resource1.simple", signature: "(borrow<host.resource1>, u32)") { call in
                let resource = try call.resource(borrowed: call.i32(0), resource1, as: Resource1.self)
                try Self.check(resource.rep, call.i32(1))
            },
            HostFunction(
                name: "[method]resource1.take-borrow", signature: "(borrow<host.resource1>, borrow<host.resource1>)"
            ) { call in
                _ = try call.resource(borrowed: call.i32(0), resource1, as: Resource1.self)
                _ = try call.resource(borrowed: call.i32(1), resource1, as: Resource1.self)
            },
            HostFunction(
                name: "[method]resource1.take-own", signature: "(borrow<host.resource1>, own<host.resource1>)"
            ) { call in
                _ = try call.resource(borrowed: call.i32(0), resource1, as: Resource1.self)
                _ = try call.resource(owned: call.i32(1), resource1, as: Resource1.self)
            },
            HostFunction(name: "return-hi", signature: "() -> string") { call in
                let (pointer, length) = try call.lower("hi")
                let view = try call.view(call.i32(0), size: 8, alignment: 4)
                view.set(u32: pointer, at: 0)
                view.set(u32: length, at: 4)
            },
        ])

    /// An instance in `host`, which stands beside it here.
    private static let nested = HostInterface(
        name: "host-nested", versions: [], resources: [:],
        functions: [HostFunction(name: "return-four", signature: "() -> u32") { call in call.returnI32(4) }])

    private static func check(_ rep: UInt32, _ expected: UInt32) throws {
        guard rep == expected else { throw HostLimitError("resource1 is \(rep), not \(expected)") }
    }
}
