import ComponentModel
package import NIOCore
import WasmEngine

/// The host's side of one instance: what `HostCall.host` gives to the functions of WASI.
///
/// Confined to the event loop of its invocation. Making one costs two allocations; all else is made on first use.
package final class WASIContext {
    package let configuration: WASIConfiguration
    package let eventLoop: any EventLoop
    /// The state of the instance's other capabilities, which make it on first use and know its type.
    package var capabilities: AnyObject?

    /// How many requests within the application led to this instance, each made while answering the one before; of an
    /// instance that answers several at once, see ``callDepth(of:)``.
    package var callDepth = 0
    /// A denied request has been logged: once an instance is enough, the guest decides how often it tries.
    var hasLoggedDenial = false
    /// Look-ups of names that are under way.
    var nameLookups = 0
    /// Those of the configuration, unless this instance gets others.
    package var environment: [(String, String)]
    package var arguments: [String]
    package let budget: HostMemoryBudget
    let stdin: (any InputSource)?
    let stdout: (any OutputSink)?
    let stderr: (any OutputSink)?
    /// Which of the standard streams are a terminal.
    let terminals: StandardTerminals

    /// - Parameters:
    ///   - stdin: what the guest reads; nothing when absent.
    ///   - stdout: what takes the guest's standard output; discarded when absent.
    package init(
        configuration: WASIConfiguration, eventLoop: any EventLoop, stdin: (any InputSource)? = nil,
        stdout: (any OutputSink)? = nil, stderr: (any OutputSink)? = nil, terminals: StandardTerminals = []
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.environment = configuration.environment
        self.arguments = configuration.arguments
        self.budget = HostMemoryBudget(limits: configuration.limits)
        self.stdin = stdin.map { SharedInput($0) }
        self.stdout = stdout
        self.stderr = stderr
        self.terminals = terminals
    }

    /// Made when the guest first opens a directory.
    private(set) lazy var fileWorker: FileWorker? = self.configuration.filePool.map {
        FileWorker(pool: $0, eventLoop: self.eventLoop)
    }

    /// What an instance seeds its hash tables with.
    private(set) lazy var insecureSeed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    /// The modules of the instance as guests of preview 1, from their first call on.
    private var preview1Guests: [(componentInstance: Int, guest: Preview1Guest)] = []

    /// - Parameter componentInstance: which of several modules it is.
    func preview1(
        _ instance: ComponentInstance, in store: Store, componentInstance: Int = 0,
        permissions: Preview1Permissions = Preview1Permissions()
    ) -> Preview1Guest {
        for (index, guest) in self.preview1Guests where index == componentInstance { return guest }
        let guest = Preview1Guest(
            self, isOwner: false, waker: instance.waker, store: store, permissions: permissions)
        self.preview1Guests.append((componentInstance, guest))
        return guest
    }

    var limits: WASILimits { self.configuration.limits }

    /// Nanoseconds of the monotonic clock that the event loop's timers go by.
    var monotonicNow: UInt64 { self.eventLoop.now.uptimeNanoseconds }

    // MARK: Standard streams

    func makeStdin() -> InputStreamResource {
        InputStreamResource(self.stdin ?? BufferSource(), limit: self.limits.readBytes)
    }

    func makeStdout() -> OutputStreamResource {
        OutputStreamResource(self.makeStdoutTarget())
    }

    func makeStderr() -> OutputStreamResource {
        OutputStreamResource(self.makeStderrTarget())
    }

    func makeStdoutTarget() -> any OutputTarget { SinkTarget(self.stdout, credit: self.limits.writeBytes) }
    func makeStderrTarget() -> any OutputTarget { SinkTarget(self.stderr, credit: self.limits.writeBytes) }
}

/// A choice of the standard streams.
package struct StandardTerminals: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let stdin = StandardTerminals(rawValue: 1 << 0)
    package static let stdout = StandardTerminals(rawValue: 1 << 1)
    package static let stderr = StandardTerminals(rawValue: 1 << 2)
}
