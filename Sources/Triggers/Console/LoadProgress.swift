import AppModel
import Executor
import Logging

/// Shows that components are being compiled, which may take half a minute the first time.
///
/// On a terminal one line that is written over; elsewhere a line once it takes longer than two seconds, and one when it
/// is done.
final class LoadProgress {
    private let logger: Logger
    private let isTerminal = OutputDescriptor.standardError.isTerminal
    private var began = ContinuousClock.now
    private var isShown = false
    /// Tells of a compilation that takes long, on another thread: this one compiles.
    private var notice: Task<Void, Never>?

    init(logger: Logger) {
        self.logger = logger
    }

    func report(_ event: ComponentLoader.Event) {
        switch event {
        case .compiling(let component, let bytes):
            self.began = .now
            self.isShown = false
            if self.isTerminal, bytes > 1 << 20 {
                self.show("Preparing component \(component) (\(bytes >> 20) MB)")
            }
            if !self.isTerminal { self.tellLater(component, bytes) }
        case .compiled(let component, let bytes, let total):
            let seconds = (ContinuousClock.now - self.began).components.seconds
            if self.isTerminal {
                if bytes == total { return self.clear() }
                let percent = total > 0 ? bytes * 100 / total : 100
                self.show("Compiling component \(component): \(percent) % after \(seconds) s")
            } else if bytes == total {
                self.notice?.cancel()
                if seconds >= 1 { self.logger.info("compiled component \(component) in \(seconds) s") }
            }
        case .notCached(let component, let reason):
            self.clear()
            self.logger.warning("compiled code of component \(component) is not kept for the next start: \(reason)")
        }
    }

    private func tellLater(_ component: String, _ bytes: Int) {
        self.notice?.cancel()
        self.notice = Task { [logger] in
            guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
            logger.info("compiling component \(component) (\(bytes >> 20) MB)")
        }
    }

    deinit {
        self.notice?.cancel()
    }

    private func show(_ text: String) {
        self.isShown = true
        self.write("\r\u{1B}[K\(text)")
    }

    private func clear() {
        guard self.isShown else { return }
        self.isShown = false
        self.write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        OutputDescriptor.standardError.write(text)
    }
}
