import ComponentModel
package import NIOCore

/// The host's side of one instance: what `HostCall.host` gives to the functions of WASI.
///
/// Confined to the event loop of its invocation. Making one costs two allocations; all else is made on first use.
package final class WASIContext {
    package let configuration: WASIConfiguration
    package let eventLoop: any EventLoop
    /// Objects of other capabilities, by their type.
    package var extensions: [ObjectIdentifier: AnyObject] = [:]

    /// A denied request has been logged: once an instance is enough, the guest decides how often it tries.
    var hasLoggedDenial = false
    package let budget: HostMemoryBudget
    let stdin: (any InputSource)?
    let stdout: (any OutputSink)?
    let stderr: (any OutputSink)?

    /// - Parameters:
    ///   - stdin: what the guest reads; nothing when absent.
    ///   - stdout: what takes the guest's standard output; discarded when absent.
    package init(
        configuration: WASIConfiguration, eventLoop: any EventLoop, stdin: (any InputSource)? = nil,
        stdout: (any OutputSink)? = nil, stderr: (any OutputSink)? = nil
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.budget = HostMemoryBudget(limits: configuration.limits)
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
    }

    /// Made when the guest first opens a directory.
    private(set) lazy var fileWorker: FileWorker? = self.configuration.filePool.map {
        FileWorker(pool: $0, eventLoop: self.eventLoop)
    }

    var limits: WASILimits { self.configuration.limits }

    /// Nanoseconds of the monotonic clock that the event loop's timers go by.
    var monotonicNow: UInt64 { self.eventLoop.now.uptimeNanoseconds }
}
