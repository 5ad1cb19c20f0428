/// The readable end of a `future<T>` in the host's hands: one that the host made, or one that a guest gave away.
///
/// Confined to the event loop of its instance.
package final class ElementFuture<Value> {
    /// How a future that a guest writes ended.
    package enum Outcome {
        case value(Value)
        /// The guest ended, or trapped, without writing it.
        case dropped
    }

    /// A future that the host writes.
    ///
    /// An answer that fails is a fault of the host: it traps whoever reads the future.
    package init(_ value: HostAnswer<Value>) {
    }

    /// Reads the future; `observer` is called once, on the event loop.
    package func whenComplete(_ observer: @escaping (Outcome) -> Void) {
    }

    /// Wants no value: the writer sees that its reader is gone.
    package func drop() {
    }
}
