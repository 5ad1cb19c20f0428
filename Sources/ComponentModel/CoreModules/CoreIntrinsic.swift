/// A core import that is no function of the world, but a built-in function of the Component Model.
///
/// Source: wit-component, `validation.rs` (`NameMangling` of `Legacy`): the names that bindings generators give them.
enum CoreIntrinsic {
    /// The resource's name in the interface that is imported from.
    case resourceDrop(String)
    /// One that has to do with no type.
    case builtin(BuiltinSyntax)
    /// Of text in an encoding: a new error context, or the message of one.
    case errorContext(isNew: Bool, StringEncoding)
    case waitableSet(isWaiting: Bool, isCancellable: Bool)
    /// The result of an exported function.
    case taskReturn(function: String)
    /// For a stream or future that occurs in the type of a function: the n-th of its type, or nil for one without
    /// payload.
    case transfer(Transfer, index: Int?, function: String)

    struct Transfer {
        let kind: BuiltinSyntax.Transfer
        let operation: BuiltinSyntax.TransferOperation
        /// Such as `stream.read`.
        let name: String
        let isAsync: Bool
    }

    /// What precedes the name of a lowered function, of `subtask.cancel`, or of a read, write or cancel.
    static let asyncPrefix = "[async-lower]"
    private static let cancellablePrefix = "[cancellable]"

    /// Nil for other names.
    init?(_ name: String) {
        var rest = name[...]
        let isAsync = Self.strip(Self.asyncPrefix, from: &rest)
        let isCancellable = Self.strip(Self.cancellablePrefix, from: &rest)
        guard rest.first == "[", let close = rest.firstIndex(of: "]") else { return nil }
        let word = rest[rest.index(after: rest.startIndex)..<close]
        let argument = String(rest[rest.index(after: close)...])
        switch word {
        case "resource-drop": self = .resourceDrop(argument)
        case "task-return": self = .taskReturn(function: argument)
        default:
            if let transfer = Self.transfer(word, argument, isAsync: isAsync) {
                self = transfer
            } else {
                guard argument.isEmpty,
                    let intrinsic = Self.withoutArgument(word, isAsync: isAsync, isCancellable: isCancellable)
                else { return nil }
                self = intrinsic
            }
        }
    }

    private static func strip(_ prefix: String, from text: inout Substring) -> Bool {
        guard text.hasPrefix(prefix) else { return false }
        text = text.dropFirst(prefix.count)
        return true
    }

    // MARK: Without types

    private static func withoutArgument(_ word: Substring, isAsync: Bool, isCancellable: Bool) -> CoreIntrinsic? {
        switch word {
        case "waitable-set-wait", "waitable-set-wait-i32":
            return .waitableSet(isWaiting: true, isCancellable: isCancellable)
        case "waitable-set-poll", "waitable-set-poll-i32":
            return .waitableSet(isWaiting: false, isCancellable: isCancellable)
        default: break
        }
        for (prefix, isNew) in [("error-context-new-", true), ("error-context-debug-message-", false)]
        where word.hasPrefix(prefix) {
            switch word.dropFirst(prefix.count) {
            case "utf8": return .errorContext(isNew: isNew, .utf8)
            case "utf16": return .errorContext(isNew: isNew, .utf16)
            case "latin1+utf16": return .errorContext(isNew: isNew, .latin1OrUTF16)
            default: return nil
            }
        }
        for (prefix, isSet) in [("context-get-", false), ("context-set-", true)] where word.hasPrefix(prefix) {
            return self.context(word.dropFirst(prefix.count), isSet: isSet).map { .builtin($0) }
        }
        guard let (name, type) = self.fixed[String(word)] else { return nil }
        return .builtin(
            BuiltinSyntax(
                name: name, kind: .fixed(type), isCancellable: name == "subtask.cancel" ? isAsync : isCancellable))
    }

    /// `0` or `i32-0`.
    private static func context(_ text: Substring, isSet: Bool) -> BuiltinSyntax? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let slot = parts.last.flatMap({ UInt32($0) }) else { return nil }
        let type: CoreType
        switch parts.dropLast() {
        case [], ["i32"]: type = .i32
        case ["i64"]: type = .i64
        default: return nil
        }
        return BuiltinSyntax(
            name: isSet ? "context.set" : "context.get", kind: .context(isSet: isSet, type: .number(type), slot: slot))
    }

    private static let fixed: [String: (name: String, type: CoreFunctionType)] = [
        "backpressure-set": ("backpressure.set", CoreFunctionType([.i32])),
        "backpressure-inc": ("backpressure.inc", CoreFunctionType([])),
        "backpressure-dec": ("backpressure.dec", CoreFunctionType([])),
        "waitable-set-new": ("waitable-set.new", CoreFunctionType([], [.i32])),
        "waitable-set-drop": ("waitable-set.drop", CoreFunctionType([.i32])),
        "waitable-join": ("waitable.join", CoreFunctionType([.i32, .i32])),
        "subtask-drop": ("subtask.drop", CoreFunctionType([.i32])),
        "subtask-cancel": ("subtask.cancel", CoreFunctionType([.i32], [.i32])),
        "error-context-drop": ("error-context.drop", CoreFunctionType([.i32])),
        "task-cancel": ("task.cancel", CoreFunctionType([])),
        "thread-index": ("thread.index", CoreFunctionType([], [.i32])),
        "thread-resume-later": ("thread.resume-later", CoreFunctionType([.i32])),
        "thread-suspend": ("thread.suspend", CoreFunctionType([], [.i32])),
        "thread-yield": ("thread.yield", CoreFunctionType([], [.i32])),
        "thread-suspend-then-resume": ("thread.suspend-then-resume", CoreFunctionType([.i32], [.i32])),
        "thread-yield-then-resume": ("thread.yield-then-resume", CoreFunctionType([.i32], [.i32])),
        "thread-suspend-then-promote": ("thread.suspend-then-promote", CoreFunctionType([.i32], [.i32])),
        "thread-yield-then-promote": ("thread.yield-then-promote", CoreFunctionType([.i32], [.i32])),
    ]

    // MARK: Streams and futures

    /// `stream-read-0`, `future-new-unit`.
    private static func transfer(_ word: Substring, _ function: String, isAsync: Bool) -> CoreIntrinsic? {
        guard let dash = word.lastIndex(of: "-") else { return nil }
        let index: Int?
        switch word[word.index(after: dash)...] {
        case "unit": index = nil
        case let text:
            guard let number = UInt32(text) else { return nil }
            index = Int(number)
        }
        guard let start = word.firstIndex(of: "-"), start < dash else { return nil }
        let kind: BuiltinSyntax.Transfer
        switch word[..<start] {
        case "stream": kind = .stream
        case "future": kind = .future
        default: return nil
        }
        let verb = word[word.index(after: start)..<dash]
        let operation: BuiltinSyntax.TransferOperation
        switch verb {
        case "new": operation = .new
        case "read": operation = .read
        case "write": operation = .write
        case "cancel-read", "cancel-write": operation = .cancel
        case "drop-readable", "drop-writable": operation = .drop
        default: return nil
        }
        return .transfer(
            Transfer(kind: kind, operation: operation, name: "\(word[..<start]).\(verb)", isAsync: isAsync),
            index: index, function: function)
    }
}

extension ValueType {
    /// The streams and futures in the type, inner ones first, in the order by which intrinsics number them.
    func appendTransfers(to found: inout [ValueType]) {
        switch self {
        case .record(let fields): for field in fields { field.type.appendTransfers(to: &found) }
        case .tuple(let types): for type in types { type.appendTransfers(to: &found) }
        case .variant(let cases): for item in cases { item.type?.appendTransfers(to: &found) }
        case .option(let type), .list(let type), .fixedList(let type, _): type.appendTransfers(to: &found)
        case .result(let ok, let error):
            ok?.appendTransfers(to: &found)
            error?.appendTransfers(to: &found)
        case .stream(let payload), .future(let payload):
            payload?.appendTransfers(to: &found)
            found.append(self)
        default: break
        }
    }
}
