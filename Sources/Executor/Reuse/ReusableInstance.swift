import AppModel
import ComponentModel
import HTTP
import NIOCore
import WASI
import WasmEngine

/// One instance that serves requests until it has served enough, was idle for too long, holds too much memory, or
/// fails. When it fails, the requests that it is answering fail with it, and no others.
final class ReusableInstance {
    /// How long a guest may go on with requests that nobody waits for, before it is stopped with its instance.
    private static let grace: TimeAmount = .milliseconds(500)
    /// An instance whose memory has grown to so many eighths of the limit is not used again.
    private static let memoryEighths = 6

    private static let requestType = HostResourceType(interface: "wasi:http/types@0.3", name: "request")
    private static let responseType = HostResourceType(interface: "wasi:http/types@0.3", name: "response")

    private let pool: ReusableInstances
    private let component: HTTPComponent
    private let context: WASIContext
    private let output: InstanceOutput
    private let timeout: Duration?
    private let concurrency: Int
    private let idleTimeout: TimeAmount
    private var remaining: Int
    private var driver: InstanceDriver?
    private var isReady = false
    /// Those that came before the instance was ready.
    private var early: [ConcurrentRequest] = []
    /// In the order in which they came.
    private var active: [ConcurrentRequest] = []
    private var abandonedCount = 0
    private var isRetired = false
    private var graceTimer: Scheduled<Void>?
    private(set) var idleDeadline = NIODeadline.distantFuture
    private var isIdle = false

    init(_ pool: ReusableInstances) {
        let component = pool.component
        self.pool = pool
        self.component = component
        self.output = component.output.open()
        self.context = WASIContext(
            configuration: component.configuration, eventLoop: pool.loop.eventLoop, stdout: self.output.stdout,
            stderr: self.output.stderr)
        self.timeout = component.limits.timeout?.choose()
        self.concurrency = max(1, component.reuse.concurrency.choose())
        self.remaining = max(1, component.reuse.count.choose())
        self.idleTimeout = TimeAmount(component.reuse.idleTimeout.choose())
    }

    /// Whether it takes another request now. One that may have to be stopped for a request of its own takes none.
    var hasRoom: Bool { !self.isRetired && self.active.count < self.concurrency && self.abandonedCount == 0 }

    deinit {
        self.driver?.stop()
    }

    /// The driver calls back as long as it is not stopped, and never after this is gone. Weak references would make all
    /// references to this slower, of which each request has many.
    func start() {
        let driver = InstanceDriver(
            of: self.component.component, limits: self.component.limits.store, host: self.context,
            eventLoop: self.pool.loop.eventLoop, slices: self.pool.loop.slices,
            processorTime: self.component.limits.processorTime
        ) { [unowned self] error, backtrace in self.fail(error, backtrace) }
        self.driver = driver
        driver.onIdle = { [unowned self] in self.settle() }
        driver.expectedCall = self.isRetired ? nil : self.pool.handler
        driver.start { [unowned self] _ in
            self.isReady = true
            let early = self.early
            self.early = []
            for request in early { self.call(request) }
        }
    }

    // MARK: Serving

    func serve(_ request: ConcurrentRequest) {
        guard self.driver != nil else {
            // It could not be made, and has said so: without this the request would keep its place for ever.
            request.exchange.fail()
            return request.end()
        }
        self.remaining -= 1
        self.active.append(request)
        request.instance = self
        self.leaveIdle()
        if self.remaining == 0 { self.close() }
        // The request keeps its instance, and gives both up when it ends.
        request.exchange.onClose = { request.instance?.abandon(request) }
        if let timeout = self.timeout {
            let loop = self.pool.loop.eventLoop.assumeIsolated()
            let component = self.component
            request.timeout = loop.scheduleTask(in: TimeAmount(timeout)) {
                if let instance = request.instance { return instance.timeOut(request, timeout) }
                request.timeOut(timeout, component.report)
            }
        }
        if self.isReady { self.call(request) } else { self.early.append(request) }
    }

    private func call(_ request: ConcurrentRequest) {
        guard !request.isAbandoned else { return self.end(request) }
        // By way of the request: it keeps the instance until it ends, and the closures keep nothing else.
        request.task = self.driver?.call(
            self.pool.handler,
            account: request.exchange.callDepth == 0
                ? nil : CallAccount(host: RequestOrigin(depth: request.exchange.callDepth)),
            arguments: { flat in
                guard let instance = request.instance else { throw WasmFailure.cancelled }
                flat.set(i32: try instance.lower(request), at: 0)
            },
            returned: { call in try request.instance?.take(call, for: request) },
            ended: { result in request.instance?.callEnded(request, result) })
    }

    /// The guest's handle of a request.
    private func lower(_ request: ConcurrentRequest) throws -> UInt32 {
        guard let instance = self.driver?.instance else { throw WasmFailure.cancelled }
        let resource = RequestV3Resource(
            head: request.head, body: request.exchange.body, isSecure: request.exchange.isSecure,
            extraFields: request.extraFields, context: self.context)
        return try instance.insert(
            resource, Self.requestType, componentInstance: self.pool.handler.componentInstance)
    }

    /// Takes the response that the guest returned.
    private func take(_ call: borrowing HostCall, for request: ConcurrentRequest) throws {
        request.hasReturned = true
        guard call.i32(0) == 0 else { return self.refuse(request, errorCase: Int(call.i32(1))) }
        let response = try call.resource(owned: call.i32(1), Self.responseType, as: ResponseV3Resource.self)
        if !request.isAbandoned, let problem = response.send(to: request.exchange.response) {
            self.component.report.message(
                request.head, "the response that the guest gave cannot be sent: \(problem)")
        }
    }

    private func callEnded(_ request: ConcurrentRequest, _ result: Result<Void, any Error>) {
        guard case .failure = result else { return self.taskEnded(request, result) }
        // Usually the whole instance fails, which is told soon, with all of its requests.
        self.pool.loop.eventLoop.assumeIsolated().execute { self.taskEnded(request, result) }
    }

    /// The guest gave an error in place of a response.
    private func refuse(_ request: ConcurrentRequest, errorCase: Int) {
        let name = WasiHttpTypesV3.ErrorCode.name(ofCase: errorCase)
        self.component.report.message(request.head, "the guest answered with the error \(name)")
        request.exchange.fail()
    }

    private func taskEnded(_ request: ConcurrentRequest, _ result: Result<Void, any Error>) {
        guard request.instance != nil else { return }
        if !request.hasReturned, !request.isAbandoned {
            switch result {
            case .success: self.component.report.message(request.head, "the guest returned without a response")
            case .failure(let error): self.component.report.failure(of: request.head, error, [])
            }
            request.exchange.fail()
        }
        self.end(request)
    }

    private func end(_ request: ConcurrentRequest) {
        guard let index = self.active.firstIndex(where: { $0 === request }) else { return }
        self.active.remove(at: index)
        if request.isAbandoned { self.abandonedCount -= 1 }
        request.endTimeoutWithResponse()
        request.end()
        if self.active.isEmpty {
            self.becomeIdle()
        } else if self.abandonedCount == self.active.count {
            self.stopSoon()
        }
    }

    /// No task can go on without another request. What has returned its response waits for one: it is over when none
    /// comes any more, or when the response is at its end; else the request may yet be what others wait for.
    private func settle() {
        for request in self.active where request.hasReturned {
            if self.isRetired || request.exchange.response.isClosed {
                self.end(request)
            } else if !request.isWatched {
                request.isWatched = true
                request.whenResponseEnds { request.instance?.driver?.check() }
            }
        }
        // No request comes in before these have gone, so nothing else can be what the others wait for.
        guard self.abandonedCount > 0 else { return }
        for request in self.active where request.isAbandoned { self.cancel(request) }
    }

    // MARK: Time-outs, and clients that go away

    private func timeOut(_ request: ConcurrentRequest, _ limit: Duration) {
        guard !request.isAbandoned else { return }
        self.component.report.message(
            request.head, "the guest took longer than the limit of \(limit.wholeMilliseconds) ms")
        // Before the client is told: what the guest still writes is for nobody.
        request.exchange.onClose = nil
        // The client may have all of its response while the guest goes on.
        if !request.exchange.response.isClosed { request.exchange.fail() }
        if self.driver?.isComputing == true {
            // Nothing else of the instance comes to its turn.
            return self.fail(Invocation.Failure.timedOut(TimeAmount(limit)), [])
        }
        self.abandon(request)
    }

    private func abandon(_ request: ConcurrentRequest) {
        request.exchange.onClose = nil
        guard !request.isAbandoned, self.active.contains(where: { $0 === request }) else { return }
        request.isAbandoned = true
        self.abandonedCount += 1
        if self.abandonedCount == self.active.count { self.stopSoon() }
        // If nothing of the instance can go on, the request is over at once.
        self.driver?.check()
    }

    /// Asks the guest to end what nobody waits for; if it does not listen, its instance ends.
    ///
    /// Not while it answers others: guests exist that trap when they are asked (componentize-py 0.25).
    private func stopSoon() {
        guard self.graceTimer == nil else { return }
        for request in self.active { self.cancel(request) }
        let loop = self.pool.loop.eventLoop.assumeIsolated()
        self.graceTimer = loop.scheduleTask(in: Self.grace) { [weak self] in
            guard let self else { return }
            self.graceTimer = nil
            if self.abandonedCount == self.active.count, !self.active.isEmpty { self.stop() }
        }
    }

    /// Asks the guest once to end a request. One that has returned cannot be asked.
    private func cancel(_ request: ConcurrentRequest) {
        guard !request.hasReturned, !request.isCancelled else { return }
        request.isCancelled = true
        request.task?.requestCancellation()
    }

    // MARK: The end of the instance

    private func becomeIdle() {
        self.graceTimer?.cancel()
        self.graceTimer = nil
        guard !self.isRetired, self.idleTimeout > .zero, !self.holdsTooMuch else { return self.stop() }
        self.isIdle = true
        self.idleDeadline = self.pool.loop.eventLoop.now + self.idleTimeout
        self.pool.loop.becameIdle(self)
    }

    private func leaveIdle() {
        guard self.isIdle else { return }
        self.isIdle = false
        self.pool.loop.becameBusy(self)
    }

    private var holdsTooMuch: Bool {
        guard let instance = self.driver?.instance, let limit = self.component.limits.store.maxMemoryBytes,
            let memory = try? instance.memory(self.pool.handler.memory)
        else { return false }
        return memory.count / Self.memoryEighths >= limit / 8
    }

    /// Takes no more requests; those that it has go on.
    private func close() {
        guard !self.isRetired else { return }
        self.isRetired = true
        self.driver?.expectedCall = nil
        self.pool.close(self)
    }

    /// Ends an idle instance.
    func retire() {
        self.isIdle = false
        self.stop()
    }

    /// Ends the instance, with the requests that nobody waits for.
    private func stop() {
        self.close()
        let driver = self.driver
        self.driver = nil
        driver?.stop()
        self.endAll()
    }

    private func fail(_ error: any Error, _ backtrace: [Trap.Frame]) {
        self.close()
        let driver = self.driver
        self.driver = nil
        let failed = self.active.filter { !$0.isAbandoned }
        if !failed.isEmpty || self.active.isEmpty {
            self.component.report.failure(ofInstanceWith: failed.map(\.head), error, backtrace)
        }
        // Before their bodies end with the instance.
        for request in failed where !request.exchange.response.isClosed { request.exchange.fail() }
        driver?.stop()
        self.endAll()
    }

    private func endAll() {
        self.graceTimer?.cancel()
        self.graceTimer = nil
        let active = self.active
        self.active = []
        self.early = []
        for request in active {
            request.timeout?.cancel()
            request.end()
        }
        self.output.close()
    }
}
