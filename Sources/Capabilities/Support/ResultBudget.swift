import ComponentModel

/// Counts the bytes of results that are there and that their guest has not taken yet.
///
/// A guest may ask for any number of large values at once, and compute while they come. Confined to the event loop of its
/// instance.
final class ResultBudget {
    static let limit = 256 << 20
    /// Smaller ones are not counted: handles bound how many there are.
    private static let smallest = 4096

    private var bytes = 0

    /// The result, counted as long as it lives; nil when too much waits already.
    func keep(_ result: some HostBytes) -> (any HostBytes)? {
        let count = result.byteCount
        guard count >= Self.smallest else { return result }
        guard self.bytes == 0 || self.bytes + count <= Self.limit else { return nil }
        self.bytes += count
        return Kept(result, count, self)
    }

    static let refusal = "more than \(limit) bytes of results wait for the guest to take them"

    private final class Kept<Bytes: HostBytes>: HostBytes {
        private let bytes: Bytes
        let byteCount: Int
        private let budget: ResultBudget

        init(_ bytes: Bytes, _ count: Int, _ budget: ResultBudget) {
            self.bytes = bytes
            self.byteCount = count
            self.budget = budget
        }

        deinit {
            self.budget.bytes -= self.byteCount
        }

        func copyBytes(to destination: UnsafeMutableRawPointer) { self.bytes.copyBytes(to: destination) }
    }
}
