/// Compares the words by which a script and this runtime tell a trap.
///
/// They must be the script's, or of the same kind: one trap that merely stands where another one should is a failure.
enum TrapWords {
    /// Words for the same: a message is of the first kind of which it holds some.
    private static let kinds: [[String]] = [
        ["`unreachable` instruction executed", "unreachable"],
        ["uncaught exception", "thrown Wasm exception"],
        // Tables.
        ["undefined element", "out of bounds table access"],
        ["uninitialized element", "indirect call to a null function"],
        ["indirect call type mismatch", "indirect call with the wrong function type"],
        // Values.
        ["`char`", "invalid char", "is not a Unicode scalar value"],
        ["discriminant"],
        ["utf-8", "utf-16", "unpaired surrogate"],
        ["unknown handle index"],
        // Places in memory: the length of what lies there counts in.
        ["unaligned", "not aligned"],
        [
            "out of bounds", "out-of-bounds", "outside the guest's memory", "beyond end of memory", "too long",
            "invalid debug message pointer",
        ],
        ["fuel allocated for hostcalls", "one call passed more than"],
        // Tasks. That a synchronous task blocks is a deadlock in CanonicalABI.md: nobody may run but it.
        ["cannot make further progress", "deadlock detected", "cannot block a synchronous task"],
        ["backpressure counter"],
        ["invalid `task.return` signature"],
        ["waitable cannot"],
        // Streams and futures.
        ["cannot remove busy", "cannot drop busy"],
        ["the readable end dropped", "readable end dropped"],
        ["the writable end dropped"],
    ]

    private static func kind(_ message: some StringProtocol) -> Int? {
        self.kinds.firstIndex { words in words.contains { message.contains($0) } }
    }

    /// - Parameters:
    ///   - wanted: what the script wants to read; anything will do if that is empty.
    ///   - message: what there is.
    static func match(_ wanted: String, _ message: String) -> Bool {
        let prefix = "wasm trap: "
        let wanted = wanted.hasPrefix(prefix) ? wanted.dropFirst(prefix.count) : wanted[...]
        guard !message.contains(wanted), !wanted.isEmpty else { return true }
        guard let kind = self.kind(wanted) else { return false }
        return kind == self.kind(message)
    }
}
