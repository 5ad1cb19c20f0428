package import AppModel
package import ComponentModel
package import HTTP
package import NIOCore
package import WasmEngine

/// What one run of a guest may use at most, whatever triggers it.
package struct GuestLimits: Sendable {
    package var store: StoreLimits
    /// Wall-clock time from the start of a request to the end of its guest and of its response; nil for none.
    package var timeout: ChoiceRange<Duration>?
    /// Processor time of the guest, looked at after each of its time slices; nil for none.
    package var processorTime: TimeAmount?
    /// Bodies that guests of earlier SDKs get or give as a whole: of all components that have these limits.
    package var wholeBodies = ByteBudget(512 << 20)

    package init(
        store: StoreLimits = StoreLimits(), timeout: ChoiceRange<Duration>? = nil, processorTime: TimeAmount? = nil
    ) {
        self.store = store
        self.timeout = timeout
        self.processorTime = processorTime
    }

    /// The time limit of one run: chosen anew for each where the manifest gives a range.
    package func chooseTimeout() -> TimeAmount? { self.timeout.map { TimeAmount($0.choose()) } }

    /// The time limit of one run that begins now.
    package func startTimeout(on eventLoop: any EventLoop) -> TimeLimit? {
        self.chooseTimeout().map { TimeLimit($0, on: eventLoop) }
    }

    /// The same limits for instances of `component`.
    package func divided(amongMemoriesOf component: Component) -> GuestLimits {
        var limits = self
        limits.store = component.dividing(self.store)
        return limits
    }
}

/// A limit of wall-clock time that has begun to count.
package struct TimeLimit: Sendable {
    /// The whole of it.
    package let amount: TimeAmount
    package let deadline: NIODeadline

    package init(_ amount: TimeAmount, on eventLoop: any EventLoop) {
        self.amount = amount
        self.deadline = eventLoop.now + amount
    }
}

extension Duration {
    /// For messages.
    var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}
