package import WASI

/// Where a component's standard output and error go: one for a component, opened anew for each instance.
package protocol ComponentOutput: Sendable {
    func open() -> InstanceOutput
}

/// The output of one instance.
package struct InstanceOutput {
    package let stdout: (any OutputSink)?
    package let stderr: (any OutputSink)?
    /// Called when the instance is gone: a last line without an end of line goes out then.
    package let close: () -> Void

    package init(stdout: (any OutputSink)?, stderr: (any OutputSink)?, close: @escaping () -> Void) {
        self.stdout = stdout
        self.stderr = stderr
        self.close = close
    }
}
