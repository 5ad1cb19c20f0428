import AppModel
import Capabilities
import Executor
import Logging
import NIOPosix

/// What the components of an application share: their capabilities, and the way out.
struct ApplicationServices {
    let network: OutboundNetwork
    let outbound: OutboundHTTPService
    let capabilities: ApplicationCapabilities

    init(
        _ app: LockedApp, options: TriggerOptions, environment: [String: String], loops: MultiThreadedEventLoopGroup,
        logger: Logger
    ) throws {
        let runtimeConfig = options.capabilities.runtimeConfig
        let network = OutboundNetwork(runtimeConfig.network)
        self.network = network
        self.outbound = try OutboundHTTPService(
            client: OutboundClient.make(runtimeConfig, network: network, environment: environment, loops: loops),
            tls: OutboundClient.tls(runtimeConfig, environment: environment), logger: logger)
        self.capabilities = try ApplicationCapabilities(
            app, options: options.capabilities, variables: options.variables, stateDirectory: options.stateDirectory,
            hosts: options.allowedHosts, network: network, eventLoops: Array(loops.makeIterator()), logger: logger)
    }
}
