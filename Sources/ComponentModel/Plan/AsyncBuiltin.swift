/// A built-in function of the asynchronous model, with all that its definition says.
///
/// Source: `CanonicalABI.md`, "Canonical Definitions".
package enum AsyncBuiltin: Hashable, Sendable {
    case contextGet(slot: Int)
    case contextSet(slot: Int)
    /// What `backpressure.inc` and `backpressure.dec` were before.
    case backpressureSet
    case backpressureIncrement
    case backpressureDecrement
    /// `options` is an index into `ComponentPlan.options`.
    case taskReturn(result: ValueType?, options: Int)
    case taskCancel
    case waitableSetNew
    /// `memory` is a memory slot.
    case waitableSetWait(isCancellable: Bool, memory: Int, AddressType)
    case waitableSetPoll(isCancellable: Bool, memory: Int, AddressType)
    case waitableSetDrop
    case waitableJoin
    case subtaskCancel(isAsync: Bool)
    case subtaskDrop
    /// A built-in of streams or futures.
    case transfer(TransferBuiltin)
    /// `options` is an index into `ComponentPlan.options`.
    case errorContextNew(options: Int)
    case errorContextDebugMessage(options: Int)
    case errorContextDrop
    case threadIndex
    /// `table` is an index into `ComponentPlan.tables`; the core type is that of what the thread's function is given.
    case threadNew(table: Int, AddressType, argument: CoreType)
    case threadResumeLater
    case threadSuspend(isCancellable: Bool)
    case threadYield(isCancellable: Bool)
    case threadSuspendThenResume(isCancellable: Bool)
    case threadYieldThenResume(isCancellable: Bool)
    case threadSuspendThenPromote(isCancellable: Bool)
    case threadYieldThenPromote(isCancellable: Bool)
}

/// A built-in of streams or futures, with the type that it is for.
package struct TransferBuiltin: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case stream
        case future
    }

    package enum Operation: Hashable, Sendable {
        case new
        /// `options` is an index into `ComponentPlan.options`; its `isAsync` says whether the guest waits.
        case read(options: Int)
        case write(options: Int)
        case cancelRead(isAsync: Bool)
        case cancelWrite(isAsync: Bool)
        case dropReadable
        case dropWritable
    }

    package let kind: Kind
    package let operation: Operation
    /// The type of the elements; nil for none.
    package let payload: ValueType?
    /// The same in canonical text, as in ``ElementCodec/signature``: empty for none.
    package let signature: String
}

extension TransferBuiltin.Operation {
    /// Its name in the Component Model.
    var name: String {
        switch self {
        case .new: "new"
        case .read: "read"
        case .write: "write"
        case .cancelRead: "cancel-read"
        case .cancelWrite: "cancel-write"
        case .dropReadable: "drop-readable"
        case .dropWritable: "drop-writable"
        }
    }
}
