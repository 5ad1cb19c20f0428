import ComponentModel
import Testing
import WasmEngine

/// One instance of a component, and the scheduler of its tasks.
final class TaskGuest {
    let host = TaskHost()
    let component: Component
    let instance: ComponentInstance
    let scheduler: TaskScheduler
    private(set) var results: [ComponentValue?] = []
    private(set) var ended = 0
    private(set) var failures: [any Error] = []
    private(set) var readyCalls = 0
    private let store: Store

    init(_ text: String) throws {
        self.component = try linked(text, registry: TaskAPI.registry)
        self.store = Store(self.component.engine)
        self.instance = try ComponentInstance(self.component, in: self.store, host: self.host, waker: Waker())
        self.scheduler = TaskScheduler(self.instance, store: self.store)
        self.scheduler.onReady = { [unowned self] in self.readyCalls += 1 }
    }

    @discardableResult
    func start(_ arguments: UInt32..., function: String = "run") throws -> GuestTask {
        let function = try #require(self.component.exportedFunction(function, in: nil))
        return try self.scheduler.start(
            function, arguments.map { .u32($0) }, returned: { [unowned self] in self.results.append($0) },
            ended: { [unowned self] result in
                self.ended += 1
                if case .failure(let error) = result { self.failures.append(error) }
            })
    }

    /// Runs until the guests wait for the host (false), or none is left (true).
    func run() throws -> Bool {
        for _ in 0..<10_000 {
            switch self.scheduler.run() {
            case .idle: return true
            case .waiting: return false
            case .yielded: continue
            case .failed(let error): throw error
            }
        }
        throw Endless()
    }

    /// Runs guests that yield for ever until something has come of it: how far one turn gets depends on the machine.
    func run(until isDone: () -> Bool) throws {
        for _ in 0..<10_000 where !isDone() {
            if case .failed(let error) = self.scheduler.run() { throw error }
        }
        if !isDone() { throw Endless() }
    }

    /// What the guest is told off for.
    func fault() throws -> String {
        do {
            throw NoFault(result: try self.run() ? 1 : 0)
        } catch let error as GuestFault {
            return error.message
        } catch WasmFailure.host(let error as GuestFault) {
            return error.message
        }
    }

    struct Endless: Error {}
}
