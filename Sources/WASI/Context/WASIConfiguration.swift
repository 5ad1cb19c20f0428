package import Logging
package import NIOPosix

/// What all instances of one component have in common: made once, shared by reference.
package final class WASIConfiguration: Sendable {
    package let environment: [(String, String)]
    /// The program's arguments; the first is its name.
    package let arguments: [String]
    package let preopens: [Preopen]
    /// What sockets may reach.
    package let network: any NetworkPolicy
    /// Sends the HTTP requests of guests; none may send any without it.
    package let outboundHTTP: (any OutboundHTTP)?
    package let limits: WASILimits
    /// The component's name, for hints in the log.
    package let componentName: String
    package let logger: Logger?
    /// Threads for calls on files that wait for a disk; nil makes them on the event loop.
    package let filePool: NIOThreadPool?
    /// What the component may use besides WASI; only the capabilities know its type.
    package let capabilities: (any AnyObject & Sendable)?

    package init(
        componentName: String = "", environment: [(String, String)] = [], arguments: [String] = [],
        preopens: [Preopen] = [], network: any NetworkPolicy = NoNetwork(),
        outboundHTTP: (any OutboundHTTP)? = nil, limits: WASILimits = WASILimits(), logger: Logger? = nil,
        filePool: NIOThreadPool? = nil, capabilities: (any AnyObject & Sendable)? = nil
    ) {
        self.componentName = componentName
        self.environment = environment
        self.arguments = arguments
        self.preopens = preopens
        self.network = network
        self.outboundHTTP = outboundHTTP
        self.limits = limits
        self.logger = logger
        self.filePool = filePool
        self.capabilities = capabilities
    }
}
