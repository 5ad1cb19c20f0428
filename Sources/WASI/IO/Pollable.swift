package import ComponentModel

/// Something that a guest can wait for.
package protocol ReadinessSource: AnyObject {
    /// Whether waiting would return at once.
    var isReady: Bool { get }

    /// Calls `callback` once, on the event loop, when the source may have become ready.
    ///
    /// Takes the place of an earlier callback: an instance has one waker, so either would wake the same guest.
    func whenReady(_ callback: @escaping () -> Void)
}

/// A source that is always ready.
package final class AlwaysReady: ReadinessSource {
    package init() {}

    package var isReady: Bool { true }

    package func whenReady(_ callback: @escaping () -> Void) { callback() }
}

/// `wasi:io/poll.pollable`. Keeps its source, not the resource that it came from: that one may be dropped first.
package final class PollableResource: WasiIoPoll.Pollable {
    package let source: any ReadinessSource

    package init(_ source: any ReadinessSource) {
        self.source = source
    }

    package func ready(in call: borrowing HostCall) throws -> Bool {
        self.source.isReady
    }

    package func block(in call: borrowing HostCall) throws {
        try self.source.wait(in: call)
    }
}

extension ReadinessSource {
    /// Suspends the guest until the source is ready.
    func wait(in call: borrowing HostCall) throws {
        while !self.isReady {
            let waker = call.waker
            self.whenReady { waker.wake() }
            try call.wait()
        }
    }
}

/// The free functions of `wasi:io/poll`.
package enum IoPollFunctions: WasiIoPoll.Functions {
    package static func poll(in pollables: [PollableResource], in call: borrowing HostCall) throws -> [UInt32] {
        guard !pollables.isEmpty else { throw GuestFault("poll was called with an empty list") }
        let limit = call.host(WASIContext.self).limits.pollables
        guard pollables.count <= limit else {
            throw GuestFault("poll was called with \(pollables.count) pollables; at most \(limit) are allowed")
        }
        while true {
            let ready = self.ready(of: pollables)
            if !ready.isEmpty { return ready }
            let waker = call.waker
            let wake = { waker.wake() }
            for pollable in pollables { pollable.source.whenReady(wake) }
            try call.wait()
        }
    }

    /// Indices of those that are ready, in order.
    static func ready(of pollables: [PollableResource]) -> [UInt32] {
        var ready: [UInt32] = []
        for (index, pollable) in pollables.enumerated() where pollable.source.isReady {
            ready.append(UInt32(truncatingIfNeeded: index))
        }
        return ready
    }
}
