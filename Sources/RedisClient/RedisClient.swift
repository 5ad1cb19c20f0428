import HTTPClient
package import NIOCore

/// A client of Redis servers, for all guests of a process.
///
/// Each event loop has connections of its own: a command is sent from the loop that runs the guest, and all of it
/// happens there.
package final class RedisClient: Sendable {
    package let configuration: RedisConfiguration
    let tls: RedisTLS
    private let loops: [(id: ObjectIdentifier, client: NIOLoopBoundBox<LoopRedis>, eventLoop: any EventLoop)]

    package init(_ configuration: RedisConfiguration = RedisConfiguration(), eventLoops: [any EventLoop]) {
        self.configuration = configuration
        let tls = RedisTLS(configuration.tls)
        self.tls = tls
        let budget = ConnectionBudget(configuration.connectionsInAll, within: configuration.totalBudget)
        self.loops = eventLoops.map { eventLoop in
            let client = NIOLoopBoundBox.makeBoxSendingValue(
                LoopRedis(eventLoop: eventLoop, configuration: configuration, tls: tls, budget: budget),
                eventLoop: eventLoop)
            return (ObjectIdentifier(eventLoop), client, eventLoop)
        }
        for loop in self.loops {
            let client = loop.client
            budget.onContention { loop.eventLoop.execute { client.value.closeIdle() } }
        }
    }

    var eventLoops: [any EventLoop] { self.loops.map(\.eventLoop) }

    /// The client of the loop that this is called on; nil when it is none of the loops of ``init(_:eventLoops:)``.
    package func loop(_ eventLoop: any EventLoop) -> LoopRedis? {
        let id = ObjectIdentifier(eventLoop)
        return self.loops.first { $0.id == id }?.client.value
    }

    /// Fails what waits, closes all connections.
    package func shutDown() {
        for loop in self.loops {
            let client = loop.client
            loop.eventLoop.execute { client.value.shutDown() }
        }
    }
}
