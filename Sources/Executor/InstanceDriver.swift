package import ComponentModel
package import NIOCore
package import WasmEngine

/// Runs the tasks of one instance in its own store, confined to one event loop: what ``Invocation`` is to a single
/// call, for several at once.
///
/// The loop gets its time back whenever the guests' time slice is over or all tasks wait.
package final class InstanceDriver {
    private enum State {
        case new
        /// The component has start functions, which may use up their time slice.
        case starting(Fiber)
        case running(TaskScheduler)
        case over
    }

    /// So many wake-ups in a row are served at once; the next one lets the loop look at its sockets first.
    private static let promptWakes = 32

    package let store: Store
    private let eventLoop: any EventLoop
    private let slices: SliceQueue
    private let waker = Waker()
    private let processorTime: TimeAmount?
    private let makeInstance: (Waker) throws -> ComponentInstance
    private let hasStartFunction: Bool
    package private(set) var instance: ComponentInstance?
    private var state = State.new
    private var failed: ((any Error, _ backtrace: [Trap.Frame]) -> Void)?
    private var ready: ((InstanceDriver) -> Void)?
    private var isResuming = false
    private var isScheduled = false
    /// The guest used up its last time slice: it computes.
    package private(set) var isComputing = false
    private var wakes = 0
    private var sliceCount = 0
    /// Processor time of the guest in nanoseconds, as far as its slices are over; counted where there is a limit.
    package private(set) var usedTime: Int64 = 0

    /// Called when no task is left, or none that can go on without another call.
    package var onIdle: (() -> Void)?

    /// Prepares an instance; nothing happens before ``start(_:)``.
    ///
    /// - Parameters:
    ///   - host: the host's object of the instance (see ``HostCall/host(_:)``).
    ///   - slices: of the same event loop, shared by all its guests.
    ///   - processorTime: limit of what the instance computes in all; nil for none.
    ///   - failed: called once, when the instance cannot go on: it could not be made, a guest trapped, a limit passed.
    ///     Its tasks have ended with the error then. `backtrace` says where the guest was when a host function threw.
    package init(
        of component: Component, limits: StoreLimits, host: AnyObject, eventLoop: any EventLoop, slices: SliceQueue,
        processorTime: TimeAmount? = nil, failed: @escaping (any Error, _ backtrace: [Trap.Frame]) -> Void
    ) {
        let store = Store(component.engine, limits: limits)
        self.store = store
        self.eventLoop = eventLoop
        self.slices = slices
        self.processorTime = processorTime
        self.hasStartFunction = component.hasStartFunction
        self.makeInstance = { waker in
            try ComponentInstance(component, in: store, host: host, waker: waker)
        }
        self.failed = failed
        // The action is removed before the driver goes.
        self.waker.connect { [unowned self] in self.wake() }
    }

    deinit {
        self.waker.invalidate()
        if case .running(let scheduler) = self.state { scheduler.stop() }
    }

    /// Makes the instance, then calls `ready`: before this returns, unless the component's start functions take long.
    package func start(_ ready: @escaping (InstanceDriver) -> Void) {
        guard case .new = self.state else { return }
        self.ready = ready
        guard self.hasStartFunction else {
            // Nothing of the guest runs yet, and without a fiber the engine makes an instance faster.
            return self.begin(Result { try self.makeInstance(self.waker) })
        }
        self.state = .starting(
            Fiber(store: self.store) { [unowned self] in self.instance = try self.makeInstance(self.waker) })
        self.resume()
    }

    private func begin(_ made: Result<ComponentInstance, any Error>) {
        switch made {
        case .failure(let error): self.fail(error)
        case .success(let instance):
            self.instance = instance
            let scheduler = TaskScheduler(instance, store: self.store)
            scheduler.onReady = { [unowned self] in self.wake() }
            self.state = .running(scheduler)
            let ready = self.ready
            self.ready = nil
            ready?(self)
            self.resume()
        }
    }

    /// Calls an exported function: see ``TaskScheduler/start(_:arguments:returned:ended:)``. The guest runs soon, not
    /// before this returns.
    ///
    /// - Returns: nil when the instance is not ready yet, or over.
    package func call(
        _ function: ExportedFunction, arguments: @escaping (borrowing FlatValues) throws -> Void,
        returned: @escaping (borrowing HostCall) throws -> Void, ended: @escaping (Result<Void, any Error>) -> Void
    ) -> GuestTask? {
        guard case .running(let scheduler) = self.state else { return nil }
        let task = scheduler.start(function, arguments: arguments, returned: returned, ended: ended)
        self.wake()
        return task
    }

    /// Begins to count the guest's processor time anew.
    package func resetProcessorTime() {
        self.usedTime = 0
    }

    /// Drops the guests where they stand. Nothing is called any more.
    package func stop() {
        self.failed = nil
        self.ready = nil
        self.onIdle = nil
        self.finish()
    }

    // MARK: Running

    private func wake() {
        guard !self.isScheduled, !self.isOver else { return }
        self.wakes += 1
        guard self.wakes < Self.promptWakes else { return self.yield() }
        self.isScheduled = true
        self.eventLoop.assumeIsolated().execute { self.resumeScheduled() }
    }

    /// Goes on after the other guests and the loop's sockets.
    private func yield() {
        guard !self.isScheduled, !self.isOver else { return }
        self.isScheduled = true
        self.wakes = 0
        self.slices.add(slices: self.sliceCount) { self.resumeScheduled() }
    }

    private func resumeScheduled() {
        self.isScheduled = false
        self.resume()
    }

    private var isOver: Bool {
        if case .over = self.state { true } else { false }
    }

    private func resume() {
        guard !self.isResuming else { return }
        let state = self.state
        self.isResuming = true
        // The clock costs a system call: it is asked only where there is a limit.
        let start = self.processorTime == nil ? 0 : ThreadClock.nanoseconds
        let outcome: TaskScheduler.Outcome
        var made: Result<ComponentInstance, any Error>?
        switch state {
        case .new, .over:
            self.isResuming = false
            return
        case .running(let scheduler): outcome = scheduler.run()
        case .starting(let fiber):
            switch fiber.resume() {
            case .yielded: outcome = .yielded
            case .waiting: outcome = .waiting
            case .finished(let result):
                outcome = .waiting
                made = result.flatMap { self.instance.map { .success($0) } ?? .failure(WasmFailure.cancelled) }
            }
        }
        self.isResuming = false
        // A callback during the slice may have ended the instance.
        guard !self.isOver else { return Self.drop(state) }
        if let limit = self.processorTime {
            self.usedTime += ThreadClock.nanoseconds - start
            if self.usedTime >= limit.nanoseconds { return self.fail(Invocation.Failure.usedUp(limit)) }
        }
        if case .yielded = outcome { self.isComputing = true } else { self.isComputing = false }
        if let made { return self.begin(made) }
        switch outcome {
        case .idle: self.onIdle?()
        case .waiting: break
        case .yielded:
            self.sliceCount += 1
            self.yield()
        case .failed(let error): self.fail(error)
        }
    }

    private func fail(_ error: any Error) {
        let failed = self.failed
        self.failed = nil
        self.finish()
        failed?(error, self.store.lastHostErrorBacktrace)
    }

    private func finish() {
        let state = self.state
        self.state = .over
        self.waker.invalidate()
        // While the guest runs it cannot be dropped: `resume()` does so when it comes back.
        if !self.isResuming { Self.drop(state) }
    }

    private static func drop(_ state: State) {
        switch state {
        case .starting(let fiber): fiber.cancel()
        case .running(let scheduler): scheduler.stop()
        case .new, .over: break
        }
    }
}
