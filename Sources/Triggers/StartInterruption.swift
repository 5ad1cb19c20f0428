import Synchronization
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ends the process in good order when a signal comes while an application is being loaded, which may take long.
package final class StartInterruption: Sendable {
    private let isLoading = Mutex(true)

    /// From here on SIGINT and SIGTERM call `cleanUp` and end the process, until ``isOver()``.
    package init(cleanUp: @escaping @Sendable () -> Void) async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task { [self] in
            for await signal in signals {
                self.isLoading.withLock { isLoading in
                    guard isLoading else { return }
                    cleanUp()
                    exit(signal == .sigint ? 130 : 143)
                }
            }
        }
    }

    /// Somebody else handles signals now.
    package func isOver() {
        self.isLoading.withLock { $0 = false }
    }
}
