package import NIOCore

/// The HTTP client of guests: for each event loop one that keeps to it, with what they share.
///
/// A request is made from the loop that runs the guest, and all of it happens there: no hop, no lock.
package final class HTTPClient: Sendable {
    package let configuration: ClientConfiguration
    private let loops: [(id: ObjectIdentifier, client: NIOLoopBoundBox<LoopClient>, eventLoop: any EventLoop)]

    /// - Throws: when the certificates of the configuration cannot be used.
    package init(_ configuration: ClientConfiguration = ClientConfiguration(), eventLoops: [any EventLoop]) throws {
        self.configuration = configuration
        let context = try ClientTLS(configuration.tls)
        let budget = ConnectionBudget(configuration.connectionsInAll, within: configuration.totalBudget)
        self.loops = eventLoops.map { eventLoop in
            let client = NIOLoopBoundBox.makeBoxSendingValue(
                LoopClient(eventLoop: eventLoop, configuration: configuration, tls: context, budget: budget),
                eventLoop: eventLoop)
            return (ObjectIdentifier(eventLoop), client, eventLoop)
        }
        for loop in self.loops {
            let client = loop.client
            budget.onContention { loop.eventLoop.execute { client.value.closeIdle() } }
        }
    }

    /// The client of the loop that this is called on; nil when it is none of the loops of ``init(_:eventLoops:)``.
    package func client(of eventLoop: any EventLoop) -> LoopClient? {
        let id = ObjectIdentifier(eventLoop)
        return self.loops.first { $0.id == id }?.client.value
    }

    /// Fails what waits, closes what nobody uses; requests under way go on.
    package func shutDown() {
        for loop in self.loops {
            let client = loop.client
            loop.eventLoop.execute { client.value.shutDown() }
        }
    }
}
