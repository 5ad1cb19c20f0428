import ComponentModel
import WasmEngine

/// An instance of tasks.wat, whose functions call the host and another component by the asynchronous lowering.
final class TaskGuest {
    private let store: Store
    private let component: Component
    private let instance: ComponentInstance
    private let host = Answers()
    private let scheduler: TaskScheduler

    init(_ file: [UInt8], engine: Engine) throws {
        self.component = try SwirlComponent(
            file, name: "tasks", engine: engine, registry: HostRegistry([TaskGuest.tasks])
        ).component
        self.store = Store(engine)
        self.instance = try ComponentInstance(self.component, in: self.store, host: self.host, waker: Waker())
        self.scheduler = TaskScheduler(self.instance, store: self.store)
    }

    /// One call of an export on the scheduler, with one number.
    func run(_ name: String, _ number: Int) throws {
        let function = try self.function(name)
        var failure: (any Error)?
        _ = self.scheduler.start(
            function, arguments: { $0.set(i32: UInt32(number), at: 0) }, returned: { _ in },
            ended: { if case .failure(let error) = $0 { failure = error } })
        loop: while true {
            switch self.scheduler.run() {
            case .idle: break loop
            case .yielded: continue
            case .waiting: self.host.give()
            case .failed(let error): throw error
            }
        }
        if let failure { throw failure }
    }

    /// So many calls of an export that does nothing, each a task.
    func start(_ name: String, times: Int) throws {
        for _ in 0..<times { try self.run(name, 1) }
    }

    /// The same without a scheduler.
    func callDirectly(_ name: String, times: Int) throws {
        let function = try self.function(name)
        for _ in 0..<times {
            try self.instance.call(function, arguments: { $0.set(i32: 1, at: 0) }, results: { _ in })
        }
    }

    private func function(_ name: String) throws -> ExportedFunction {
        guard let function = self.component.exportedFunction(name, in: nil) else {
            throw BenchmarkError("the guest tasks.wat does not export \(name)")
        }
        return function
    }

    /// Answers that the host owes.
    private final class Answers {
        private var pending: [Pending<UInt32>] = []

        func owe() -> HostAnswer<UInt32> { .later { self.pending.append($0) } }

        func give() {
            let pending = self.pending
            self.pending.removeAll(keepingCapacity: true)
            for answer in pending { answer.succeed(1) }
        }
    }

    /// What the generator would write for `interface tasks`, and the smallest host behind it.
    private static let tasks = HostInterface(
        name: "bench:host/tasks", versions: [], resources: [:],
        functions: [
            HostFunction(name: "plain", signature: "(u32) -> tuple<u32, u32>") { call in
                try TaskGuest.store((call.i32(0), 1), at: call.i32(1), call)
            },
            HostFunction(name: "now", signature: "async (u32) -> tuple<u32, u32>") { call in
                let answer = HostAnswer.ready((call.i32(0), UInt32(1)))
                let area = call.i32(1)
                func lower(_ result: (UInt32, UInt32), _ call: borrowing HostCall) throws {
                    try TaskGuest.store(result, at: area, call)
                }
                guard case .ready(let value) = answer else {
                    return try call.completeLater(answer, lower)
                }
                try lower(value, call)
                call.completeAtOnce()
            },
            HostFunction(name: "later", signature: "async (u32) -> u32") { call in
                let answer = call.host(Answers.self).owe()
                let area = call.isAsync ? call.i32(1) : 0
                func lower(_ result: UInt32, _ call: borrowing HostCall) throws {
                    guard call.isAsync else { return call.returnI32(result) }
                    try call.view(area, size: 4, alignment: 4).set(u32: result, at: 0)
                }
                guard case .ready(let value) = answer else {
                    return try call.completeLater(answer, lower)
                }
                try lower(value, call)
                call.completeAtOnce()
            },
        ])

    private static func store(_ pair: (UInt32, UInt32), at area: UInt32, _ call: borrowing HostCall) throws {
        let view = try call.view(area, size: 8, alignment: 4)
        view.set(u32: pair.0, at: 0)
        view.set(u32: pair.1, at: 4)
    }
}
