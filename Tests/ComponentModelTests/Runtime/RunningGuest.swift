import ComponentModel
import Testing
import WasmEngine

/// One engine for all tests of this target.
enum Shared {
    static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = PoolingConfiguration(instances: 200)
        return try Engine(configuration)
    }
}

/// Plans, compiles and links a component in text.
func linked(_ text: String, registry: HostRegistry = TestAPI.registry, foldsShims: Bool = true) throws -> Component {
    let engine = try Shared.engine.get()
    let source = try ComponentText(text)
    let plan = try source.plan(foldsShims: foldsShims)
    let modules = try plan.coreModules.map { module in
        try source.bytes.withUnsafeBytes { try module.withBytes(of: $0) { try engine.compile($0) } }
    }
    return try Component(name: "guest", plan: plan, modules: modules, engine: engine, registry: registry)
}

/// One instance of a component on a fiber of its own, as an invocation makes it.
final class RunningGuest {
    let host: Recorder
    private(set) var result: UInt32?
    private(set) var wakeUps = 0
    private let waker = Waker()
    private let store: Store
    private var fiber: Fiber?

    /// - Parameter function: the exported function to call: no parameters, one `u32`.
    init(_ component: Component, host: Recorder = Recorder(), function: String = "run") throws {
        self.host = host
        let store = Store(component.engine)
        self.store = store
        let waker = self.waker
        let exported = try #require(component.exportedFunction(function, in: nil))
        self.fiber = Fiber(store: store) { [unowned self] in
            let instance = try ComponentInstance(component, in: store, host: host, waker: waker)
            try withExtendedLifetime(instance) {
                // Not in one statement: that would hold a reference to `self` while the guest is suspended.
                let result = try instance.call(exported, arguments: { _ in }, results: { $0.i32(0) })
                self.result = result
            }
        }
        waker.connect { [unowned self] in self.wakeUps += 1 }
    }

    func wake() {
        self.waker.wake()
    }

    /// Runs the guest until it waits (false) or has returned (true).
    func advance() throws -> Bool {
        while true {
            switch try #require(self.fiber).resume() {
            case .finished(let result):
                try result.get()
                return true
            case .waiting: return false
            case .yielded: continue
            }
        }
    }

    func cancel() {
        self.fiber?.cancel()
    }
}

/// What `run` of a component returns.
func run(_ component: Component, host: Recorder = Recorder()) throws -> UInt32 {
    let guest = try RunningGuest(component, host: host)
    #expect(try guest.advance(), "the guest waits")
    return try #require(guest.result)
}

func run(_ guest: GuestText, host: Recorder = Recorder()) throws -> UInt32 {
    try run(linked(guest.text), host: host)
}

/// What the guest is told off for.
func fault(_ component: Component, host: Recorder = Recorder()) throws -> String {
    do {
        let result = try run(component, host: host)
        throw NoFault(result: result)
    } catch WasmFailure.host(let error as GuestFault) {
        return error.message
    }
}

func fault(_ guest: GuestText, host: Recorder = Recorder()) throws -> String {
    try fault(linked(guest.text), host: host)
}

/// A guest that was to be stopped returned.
struct NoFault: Error {
    let result: UInt32
}
