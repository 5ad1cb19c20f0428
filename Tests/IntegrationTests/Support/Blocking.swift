import Foundation

/// Runs a body that waits for sockets and processes on a thread of its own.
///
/// The tests of all targets share the few threads of Swift's pool: one that blocks there holds up the others.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            continuation.resume(with: Swift.Result { try body() })
        }
        thread.stackSize = 4 << 20
        thread.start()
    }
}
