import AppModel
import Executor
import WASI

/// Sends what instances print to their component's log.
struct LoggedOutput: ComponentOutput {
    private let log: ComponentLog?

    /// - Parameter log: nil discards the output.
    init(_ log: ComponentLog?) {
        self.log = log
    }

    func open() -> InstanceOutput {
        guard let log = self.log else { return InstanceOutput(stdout: nil, stderr: nil) {} }
        let stdout = log.stream(.stdout)
        let stderr = log.stream(.stderr)
        return InstanceOutput(stdout: stdout, stderr: stderr) {
            stdout.finish()
            stderr.finish()
        }
    }
}

extension ComponentLogStream: OutputSink {}
