import ComponentModel

/// What Wasmtime's scripts expect of their host: functions at the root, and an instance `host`.
///
/// Source: Wasmtime, `crates/wast/src/spectest.rs`.
struct SpectestHost {
    /// What the host knows of its `resource1` objects.
    final class State {
        var drops: UInt32 = 0
        var lastDrop: UInt32 = 0
        /// Gives the answers that come slowly.
        private var answers: [() -> Void] = []

        func answerLater(_ answer: @escaping () -> Void) {
            self.answers.append(answer)
        }

        /// False when nobody waits for an answer.
        func giveAnswers() -> Bool {
            let answers = self.answers
            self.answers = []
            for answer in answers { answer() }
            return !answers.isEmpty
        }
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

    let registry = HostRegistry([root, host, nested, wasmtime])

    /// Functions that a component imports by a name of its own.
    private static let root = HostInterface(
        name: "", versions: [], resources: [:],
        functions: [
            HostFunction(name: "host-echo-u32", signature: "async (u32) -> u32") { call in
                try Self.complete(call, .ready(call.i32(0)), pointer: 1)
            },
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
        ] + slow)

    /// Functions whose answer comes later, or never.
    private static let slow = [
        HostFunction(name: "never-return", signature: "async ()") { call in
            try call.complete(HostAnswer<Void>.later(Pending())) { _, _ in }
        },
        HostFunction(name: "[method]resource1.never-return", signature: "async (borrow<host.resource1>)") { call in
            _ = try call.resource(borrowed: call.i32(0), resource1, as: Resource1.self)
            try call.complete(HostAnswer<Void>.later(Pending())) { _, _ in }
        },
        HostFunction(name: "return-two-slowly", signature: "async () -> s32") { call in
            try Self.complete(call, Self.slowly(2, call), pointer: 0)
        },
        HostFunction(name: "echo-slowly", signature: "async (u32) -> u32") { call in
            try Self.complete(call, Self.slowly(call.i32(0), call), pointer: 1)
        },
    ]

    private static func slowly(_ value: UInt32, _ call: borrowing HostCall) -> HostAnswer<UInt32> {
        let state = call.host(State.self)
        return .later { pending in state.answerLater { pending.succeed(value) } }
    }

    /// - Parameter pointer: the parameter that says where the result goes, when the guest calls by an asynchronous
    ///   lowering.
    private static func complete(
        _ call: borrowing HostCall, _ answer: HostAnswer<UInt32>, pointer: Int
    ) throws {
        let address = call.isAsync ? call.i32(pointer) : nil
        try call.complete(answer) { value, call in
            guard let address else { return call.returnI32(value) }
            try call.view(address, size: 4, alignment: 4).set(u32: value, at: 0)
        }
    }

    /// Knobs of Wasmtime's own test runner.
    private static let wasmtime = HostInterface(
        name: "wasmtime", versions: [], resources: [:],
        functions: [HostFunction(name: "set-max-table-capacity", signature: "(u32)") { _ in }])

    /// An instance in `host`, which stands beside it here.
    private static let nested = HostInterface(
        name: "host-nested", versions: [], resources: [:],
        functions: [HostFunction(name: "return-four", signature: "() -> u32") { call in call.returnI32(4) }])

    private static func check(_ rep: UInt32, _ expected: UInt32) throws {
        guard rep == expected else { throw HostLimitError("resource1 is \(rep), not \(expected)") }
    }
}
