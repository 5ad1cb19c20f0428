/// A canonical definition as its bytes say it.
enum CanonSyntax: Sendable {
    case lift(function: UInt32, options: CanonOptionsSyntax, type: UInt32)
    case lower(function: UInt32, options: CanonOptionsSyntax)
    case resourceNew(type: UInt32)
    case resourceDrop(type: UInt32)
    case resourceRep(type: UInt32)
    /// A function of the asynchronous model.
    case builtin(BuiltinSyntax)
}

struct CanonOptionsSyntax: Sendable {
    var encoding: StringEncoding?
    var memory: UInt32?
    var realloc: UInt32?
    var postReturn: UInt32?
    var isAsync = false
    var callback: UInt32?
    var coreType: UInt32?
    var usesGC = false
}

/// A built-in function of tasks, waitables, streams, futures, error contexts or threads.
struct BuiltinSyntax: Sendable {
    enum Kind: Sendable {
        /// Its core type depends on nothing.
        case fixed(CoreFunctionType)
        case taskReturn(result: ValueTypeSyntax?, options: CanonOptionsSyntax)
        case context(isSet: Bool, type: CoreValueType, slot: UInt32)
        /// Waits for a set of waitables or polls it; the event is written to the memory.
        case waitableSet(memory: UInt32)
        case transfer(Transfer, TransferOperation, type: UInt32, options: CanonOptionsSyntax)
        case errorContextNew(CanonOptionsSyntax)
        case errorContextMessage(CanonOptionsSyntax)
        case threadNew(type: UInt32, table: UInt32)
    }

    enum Transfer: Sendable {
        case stream
        case future
    }

    enum TransferOperation: Sendable {
        case new
        case read
        case write
        case cancel
        case drop
    }

    /// Such as `stream.read`.
    let name: String
    let kind: Kind
    /// Whether it ends early when its task is cancelled.
    var isCancellable = false
}
