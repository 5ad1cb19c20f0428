package import ComponentModel
package import NIOCore
package import WasmEngine

/// One run of a guest: a fresh instance in its own store, on its own fiber, confined to one event loop.
///
/// The fiber gives the loop back whenever the guest's time slice is over or a host function waits; the invocation
/// resumes it. Ends once: with the body's result, a time-out, or silently when cancelled.
package final class Invocation {
    /// Why an invocation ended without its guest's doing.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        /// The wall-clock limit of the request passed.
        case timedOut(TimeAmount)
        /// The limit of processor time passed.
        case usedUp(TimeAmount)

        package var description: String {
            switch self {
            case .timedOut(let limit): "the guest ran longer than the limit of \(limit.nanoseconds / 1_000_000) ms"
            case .usedUp(let limit):
                "the guest used more processor time than the limit of \(limit.nanoseconds / 1_000_000) ms"
            }
        }
    }

    private var turns: GuestTurns
    private let store: Store
    private var fiber: Fiber?
    private var completion: ((Result<Void, any Error>, _ backtrace: [Trap.Frame]) -> Void)?
    private var timeout: Scheduled<Void>?
    private var isResuming = false
    private let waker: Waker

    /// Prepares a run; nothing happens before ``start()``.
    ///
    /// - Parameters:
    ///   - host: the host's object of the instance (see ``HostCall/host(_:)``).
    ///   - slices: of the same event loop, shared by all its invocations.
    ///   - timeout: wall-clock limit; nil for none.
    ///   - processorTime: limit of what the guest computes; nil for none.
    ///   - body: runs on the fiber with the fresh instance.
    ///   - completion: called once on the event loop unless the invocation is cancelled; `backtrace` says where the guest
    ///     was when a host function threw.
    package convenience init(
        of component: Component, limits: StoreLimits, host: AnyObject, eventLoop: any EventLoop, slices: SliceQueue,
        timeout: TimeLimit?, processorTime: TimeAmount? = nil,
        body: @escaping (ComponentInstance) throws -> Void,
        completion: @escaping (Result<Void, any Error>, _ backtrace: [Trap.Frame]) -> Void
    ) {
        let store = Store(component.engine, limits: limits)
        let waker = Waker()
        let instantiate = { try ComponentInstance(component, in: store, host: host, waker: waker) }
        let run: () throws -> Void
        if component.hasStartFunction {
            run = {
                let instance = try instantiate()
                try withExtendedLifetime(instance) { try body(instance) }
            }
        } else {
            // Nothing of the guest runs yet, and without a fiber the engine makes an instance faster.
            let instance = Result { try instantiate() }
            run = {
                let instance = try instance.get()
                try withExtendedLifetime(instance) { try body(instance) }
            }
        }
        self.init(
            in: store, waker: waker, eventLoop: eventLoop, slices: slices, timeout: timeout,
            processorTime: processorTime, body: run, completion: completion)
    }

    /// The same for whatever `body` makes and calls in `store`.
    ///
    /// - Parameter waker: what resumes the guest; connected here.
    package init(
        in store: Store, waker: Waker, eventLoop: any EventLoop, slices: SliceQueue, timeout: TimeLimit?,
        processorTime: TimeAmount? = nil, body: @escaping () throws -> Void,
        completion: @escaping (Result<Void, any Error>, _ backtrace: [Trap.Frame]) -> Void
    ) {
        self.turns = GuestTurns(eventLoop: eventLoop, slices: slices, processorTime: processorTime)
        self.store = store
        self.completion = completion
        self.waker = waker
        self.fiber = Fiber(store: store, body: body)
        // The action is removed before the invocation goes.
        waker.connect { [unowned self] in self.wake() }
        if let timeout {
            self.timeout = eventLoop.assumeIsolated().scheduleTask(deadline: timeout.deadline) {
                self.end(.failure(Failure.timedOut(timeout.amount)))
            }
        }
    }

    deinit {
        self.waker.invalidate()
    }

    /// Runs the guest until it first waits, yields or ends.
    package func start() {
        self.resume()
    }

    /// Drops the guest where it stands. The completion is not called any more.
    package func cancel() {
        self.completion = nil
        self.end(nil)
    }

    private func wake() {
        guard self.fiber != nil else { return }
        self.turns.wake { self.resumeScheduled() }
    }

    private func resumeScheduled() {
        self.turns.arrived()
        self.resume()
    }

    private func resume() {
        guard let fiber = self.fiber, !self.isResuming else { return }
        self.isResuming = true
        self.turns.beginTurn()
        let outcome = fiber.resume()
        self.isResuming = false
        // A callback during the slice (the client went away) may have ended the invocation.
        guard self.fiber != nil else { return fiber.cancel() }
        if let limit = self.turns.endTurn() {
            guard case .finished = outcome else { return self.end(.failure(Failure.usedUp(limit))) }
        }
        switch outcome {
        case .finished(let result): self.end(result)
        case .yielded:
            self.turns.usedUpSlice()
            self.turns.yield { self.resumeScheduled() }
        case .waiting: break
        }
    }

    private func end(_ result: Result<Void, any Error>?) {
        guard let fiber = self.fiber else { return }
        self.fiber = nil
        self.waker.invalidate()
        self.timeout?.cancel()
        self.timeout = nil
        // While the fiber runs it cannot be dropped: `resume()` does so when it comes back.
        if !self.isResuming { fiber.cancel() }
        let completion = self.completion
        self.completion = nil
        if let result { completion?(result, self.store.lastHostErrorBacktrace) }
    }
}
