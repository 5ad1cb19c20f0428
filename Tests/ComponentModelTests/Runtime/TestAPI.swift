import ComponentModel

/// The host's object of one instance under test: what the guest did, and what wakes it.
final class Recorder {
    var calls: [String] = []
    /// Objects that guests hold handles to and that are still there.
    let things = LiveCount()
    var isReady = false
    private let count: LiveCount?

    /// - Parameter count: counts these objects.
    init(count: LiveCount? = nil) {
        self.count = count
        count?.live += 1
        count?.made += 1
    }

    deinit {
        self.count?.live -= 1
    }
}

/// Counts objects that are alive; outlives the instance that they belong to.
final class LiveCount {
    var live = 0
    var made = 0
}

/// The host's `thing` resource.
final class Thing {
    let value: UInt32
    private let count: LiveCount

    init(value: UInt32, count: LiveCount) {
        self.value = value
        self.count = count
        count.live += 1
        count.made += 1
    }

    deinit {
        self.count.live -= 1
    }
}

/// `test:host/api`, written by hand as the generated glue is.
enum TestAPI {
    static let thing = HostResourceType(interface: "test:host/api@1", name: "thing")
    static let other = HostResourceType(interface: "test:host/api@1", name: "other")
    private static let ownThing = "own<test:host/api@1.thing>"

    static let interface = HostInterface(
        name: "test:host/api", versions: [VersionRange(from: "1.0.0", below: "2.0.0")],
        resources: ["thing": Self.thing, "other": Self.other], functions: Self.functions)

    static let registry = HostRegistry([Self.interface], announced: ["later:"])

    private static let functions = [
        HostFunction(name: "add", signature: "(u32, u64) -> u64") { call in
            call.host(Recorder.self).calls.append("add \(call.i32(0)) \(call.i64(1))")
            call.returnI64(UInt64(call.i32(0)) &+ call.i64(1))
        },
        HostFunction(name: "sum", signature: "(list<u8>) -> u32") { call in
            let bytes = try call.bytes(call.i32(0), call.i32(1))
            call.returnI32(bytes.bytes.reduce(0) { $0 &+ UInt32($1) })
        },
        HostFunction(name: "sum-wide", signature: "(list<u64>) -> u64") { call in
            let count = call.i32(1)
            let view = try call.list(call.i32(0), count, elementSize: 8, alignment: 8)
            call.returnI64((0..<Int(count)).reduce(0) { $0 &+ view.u64($1 * 8) })
        },
        HostFunction(name: "greet", signature: "(string) -> string") { call in
            let name = try call.string(call.i32(0), call.i32(1))
            let area = call.i32(2)
            let lowered = try call.lower("Hello, \(name)!")
            let view = try call.view(area, size: 8, alignment: 4)
            view.set(u32: lowered.pointer, at: 0)
            view.set(u32: lowered.length, at: 4)
        },
        HostFunction(name: "names", signature: "(list<string>) -> u32") { call in
            let count = Int(call.i32(1))
            let view = try call.list(call.i32(0), call.i32(1), elementSize: 8, alignment: 4)
            let lengths = try (0..<count).map { try call.string(view.u32($0 * 8), view.u32($0 * 8 + 4)).utf8.count }
            call.returnI32(UInt32(truncatingIfNeeded: lengths.reduce(0, +)))
        },
        HostFunction(name: "pair", signature: "() -> tuple<u32, u32>") { call in
            let view = try call.view(call.i32(0), size: 8, alignment: 4)
            view.set(u32: 3, at: 0)
            view.set(u32: 4, at: 4)
        },
        HostFunction(name: "numbers", signature: "() -> list<u32>") { call in
            let pointer = try call.allocate(size: 8, alignment: 4)
            let view = try call.view(call.i32(0), size: 8, alignment: 4)
            view.set(u32: pointer, at: 0)
            view.set(u32: 2, at: 4)
        },
        HostFunction(name: "make", signature: "(u32) -> \(Self.ownThing)") { call in
            let thing = Thing(value: call.i32(0), count: call.host(Recorder.self).things)
            call.returnI32(try call.insert(thing, Self.thing))
        },
        HostFunction(name: "make-other", signature: "() -> own<test:host/api@1.other>") { call in
            call.returnI32(try call.insert(Recorder(), Self.other))
        },
        HostFunction(name: "value", signature: "(borrow<test:host/api@1.thing>) -> u32") { call in
            call.returnI32(try call.resource(borrowed: call.i32(0), Self.thing, as: Thing.self).value)
        },
        HostFunction(name: "consume", signature: "(\(Self.ownThing)) -> u32") { call in
            call.returnI32(try call.resource(owned: call.i32(0), Self.thing, as: Thing.self).value)
        },
        HostFunction(name: "pause", signature: "()") { call in
            let recorder = call.host(Recorder.self)
            recorder.calls.append("pause")
            while !recorder.isReady { try call.wait() }
            recorder.calls.append("resumed")
        },
        HostFunction(name: "refuse", signature: "()") { _ in throw Refusal() },
    ]

    /// An error of the host.
    struct Refusal: Error, Equatable {}
}
