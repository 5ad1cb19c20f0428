import Capabilities
import Executor
import HTTP
package import Logging
package import NIOCore
import RedisClient

/// Runs components for the messages of Redis channels.
///
/// The subscription to a server lives on one event loop; its messages are handled on all of them in turn, so many at a
/// time. When more come, the socket is not read until there is a place again: Redis keeps what it has sent, up to its
/// own limit.
package final class RedisTrigger: Sendable {
    /// Bytes of all messages that are being read or handled: twice what one message may have.
    private static let messageBytes = 256 << 20

    private let subscribers: [NIOLoopBoundBox<RedisSubscriber>]
    private let loops: [any EventLoop]

    /// - Parameters:
    ///   - components: by id: all those of the plan.
    ///   - capacity: messages handled at a time, of all servers together.
    ///   - announce: called when the channels of a server are first subscribed to.
    package init(
        _ plan: RedisTriggerPlan, components: [String: RedisComponent], eventLoops: [any EventLoop], capacity: Int,
        logger: Logger, announce: @escaping @Sendable (RedisTriggerPlan.Server) -> Void
    ) {
        // Its connections are those of subscriptions only.
        var configuration = RedisSettings.configuration
        let messageBytes = ByteBudget(Self.messageBytes)
        configuration.replies = messageBytes
        let client = RedisClient(configuration, eventLoops: [])
        let workers = eventLoops.map { loop in
            (loop, NIOLoopBoundBox.makeBoxSendingValue(SliceQueue(eventLoop: loop), eventLoop: loop))
        }
        let share = max(1, capacity / max(1, plan.servers.count))
        self.loops = eventLoops
        self.subscribers = plan.servers.enumerated().map { index, server in
            let loop = eventLoops[index % eventLoops.count]
            let subscriber = RedisSubscriber(
                server, client: client, components: components, eventLoop: loop, workers: workers, capacity: share,
                messageBytes: messageBytes, logger: logger, announce: announce)
            return .makeBoxSendingValue(subscriber, eventLoop: loop)
        }
    }

    package func start() {
        for subscriber in self.subscribers {
            subscriber.eventLoop.execute { subscriber.value.start() }
        }
    }

    /// Takes no more messages, and waits until those under way are handled, or the time is over.
    package func shutDown(gracePeriod: TimeAmount) async {
        await withTaskGroup(of: Void.self) { group in
            for subscriber in self.subscribers {
                group.addTask {
                    let loop = subscriber.eventLoop
                    let promise = loop.makePromise(of: Void.self)
                    loop.execute { subscriber.value.stop(gracePeriod: gracePeriod, promise) }
                    try? await promise.futureResult.get()
                }
            }
        }
    }
}
