package import NIOCore
import Synchronization

/// The sessions of many users with one server, one on each event loop, made when it is first asked for and kept: for
/// those who send only what depends on nothing that the connection was told before.
package final class RedisSessions: Sendable {
    private let client: RedisClient
    private let address: RedisAddress
    private let loops: [(id: ObjectIdentifier, session: NIOLoopBoundBox<RedisSession?>, eventLoop: any EventLoop)]
    private let isClosed = Atomic(false)

    package init(_ client: RedisClient, to address: RedisAddress) {
        self.client = client
        self.address = address
        self.loops = client.eventLoops.map { eventLoop in
            (ObjectIdentifier(eventLoop), NIOLoopBoundBox.makeEmptyBox(eventLoop: eventLoop), eventLoop)
        }
    }

    deinit {
        // A session goes on its own loop, which may have ended after they were closed.
        guard !self.isClosed.load(ordering: .relaxed) else { return }
        for (_, session, eventLoop) in self.loops { eventLoop.execute { session.value = nil } }
    }

    /// Ends the sessions, as long as their loops run; there are no more afterwards.
    package func close() async {
        self.isClosed.store(true, ordering: .relaxed)
        for (_, session, eventLoop) in self.loops {
            try? await eventLoop.submit { session.value = nil }.get()
        }
    }

    /// The session of the loop that this is called on; nil when it is none of the client's, or it can have no session.
    package func session(on eventLoop: any EventLoop) -> RedisSession? {
        let id = ObjectIdentifier(eventLoop)
        guard let box = self.loops.first(where: { $0.id == id })?.session else { return nil }
        if let session = box.value { return session }
        guard !self.isClosed.load(ordering: .relaxed) else { return nil }
        let session = try? self.client.loop(eventLoop)?.session(to: self.address)
        box.value = session
        return session
    }
}
