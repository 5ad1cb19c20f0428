import ComponentModel
import WasmEngine

/// Guests that call the built-ins of the asynchronous model in any order, with any handles.
///
/// The bytes are calls, four each: which function, a handle, and two numbers. Most handles are those of the right kind that earlier calls gave. The guest interprets them, in its exported function and whenever its callback is called, and so does another
/// component that it calls and that has the same functions. Whatever they do, the host goes on: they trap, wait, or end.
enum TaskTarget: FuzzTarget {
    static let name = "task"

    static func run(_ bytes: [UInt8]) {
        guard bytes.count >= 4, let component = Self.component else { return }
        let guest = TaskFuzzGuest(component)
        guest.run(Array(bytes.prefix(Self.maximumBytes)))
    }

    /// More calls only repeat what came before.
    private static let maximumBytes = 2048

    /// Absent where the library cannot be found, which the first run says.
    private static let component: Component? = {
        do {
            var configuration = EngineConfiguration()
            configuration.pooling = PoolingConfiguration(instances: 16)
            let engine = try Engine(configuration)
            let file = try Engine.assemble(TaskFuzzText.component)
            let plan = try file.withUnsafeBytes { bytes in
                Result { () throws(ComponentError) in try ComponentDecoder.plan(bytes) }
            }.get()
            let modules = try plan.coreModules.map { module in
                try file.withUnsafeBytes { bytes in try module.withBytes(of: bytes) { try engine.compile($0) } }
            }
            return try Component(
                name: "fuzz", plan: plan, modules: modules, engine: engine,
                registry: HostRegistry([TaskFuzzGuest.interface]))
        } catch {
            print("the task target does nothing: \(error)")
            return nil
        }
    }()
}

/// One instance, two calls of its export at once, and a host that answers some of what it owes.
private final class TaskFuzzGuest {
    /// What the host owes the guest.
    private final class Answers {
        var pending: [Pending<UInt32>] = []

        func give() {
            let pending = self.pending
            self.pending = []
            for (index, answer) in pending.enumerated() { answer.succeed(UInt32(index)) }
        }
    }

    static let interface = HostInterface(
        name: "fuzz:host/api", versions: [], resources: [:],
        functions: [
            HostFunction(name: "later", signature: "async (u32) -> u32") { call in
                let host = call.host(Answers.self)
                let area = call.isAsync ? call.i32(1) : nil
                let answer: HostAnswer<UInt32> =
                    call.i32(0) & 1 == 0 ? .ready(1) : .later(onCancel: {}) { host.pending.append($0) }
                try call.complete(answer) { value, call in
                    guard let area else { return call.returnI32(value) }
                    try call.view(area, size: 4, alignment: 4).set(u32: value, at: 0)
                }
            }
        ])

    private let component: Component

    init(_ component: Component) {
        self.component = component
    }

    func run(_ calls: [UInt8]) {
        guard let run = self.component.exportedFunction("run", in: nil) else { violated("no run") }
        let store = Store(self.component.engine)
        let host = Answers()
        do {
            let instance = try ComponentInstance(self.component, in: store, host: host, waker: Waker())
            let scheduler = TaskScheduler(instance, store: store)
            // A guest may yield for ever.
            scheduler.processorTimeLimit = 200_000_000
            let value = ComponentValue.list(calls.map { .u8($0) })
            for _ in 0..<2 { try scheduler.start(run, [value], returned: { _ in }, ended: { _ in }) }
            loop: for turn in 0..<64 {
                switch scheduler.run() {
                case .idle: break loop
                case .waiting:
                    guard !host.pending.isEmpty || turn < 2 else { break loop }
                    host.give()
                case .yielded: break
                case .failed(let error):
                    Self.check(error)
                    break loop
                }
            }
            scheduler.stop()
        } catch {
            Self.check(error)
        }
    }

    /// The guest's fault, or a limit.
    private static func check(_ error: any Error) {
        switch error {
        case is GuestFault, is Deadlock, is ProcessorTimeExceeded, WasmFailure.trap: break
        case WasmFailure.host(let cause): check(cause)
        default: violated("an error that is not the guest's: \(error)")
        }
    }
}
