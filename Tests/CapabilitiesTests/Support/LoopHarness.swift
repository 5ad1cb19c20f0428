import Capabilities
import ComponentModel
import Foundation
import NIOCore
import NIOPosix

/// An event loop to call capabilities on, as instances do.
struct LoopHarness {
    let loop: any EventLoop

    init() { self.loop = MultiThreadedEventLoopGroup.singleton.next() }

    /// The loop that something is bound to.
    init<Value>(_ bound: NIOLoopBound<Value>) { self.loop = bound.eventLoop }

    /// The value of an answer, once it is there.
    func value<Value: Sendable>(
        _ start: @escaping @Sendable (any EventLoop) throws -> HostAnswer<Value>
    ) async throws -> Value {
        try await self.loop.flatSubmit {
            let promise = self.loop.makePromise(of: Value.self)
            do {
                switch try start(self.loop) {
                case .ready(let value): promise.succeed(value)
                case .later(let pending): pending.whenComplete { promise.completeWith($0) }
                }
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
    }
}
