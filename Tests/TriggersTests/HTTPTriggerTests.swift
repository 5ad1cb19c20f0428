import AppModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import Triggers

/// What the trigger answers by itself, without a guest.
@Suite struct HTTPTriggerTests {
    let loop = EmbeddedEventLoop()

    private func answer(_ path: String, method: String = "GET", routes: [String] = []) throws -> ResponseCollector {
        let router = try Router(routes.map { try Route(triggerID: "t", componentID: "missing", route: $0) })
        let trigger = HTTPTrigger(router: router, components: [:], eventLoops: [self.loop], capacity: .init(live: 10))
        let collector = ResponseCollector()
        trigger.handle(
            Exchange(
                head: RequestHead(method: method, target: path), collector: collector, eventLoop: self.loop))
        self.loop.run()
        #expect(collector.isFinished)
        return collector
    }

    @Test(arguments: ["/.well-known/spin/health", "/.well-known/spin/health?now=1"])
    func healthIsAnswered(path: String) throws {
        let response = try self.answer(path)
        #expect(response.head?.status == 200)
        #expect(String(buffer: response.body) == "OK")
    }

    /// No route reaches below the server's own prefix, not even a wildcard.
    @Test(arguments: ["/.well-known/spin/", "/.well-known/spin/other", "/.well-known/spin/health/x"])
    func theServersOwnPathsAreNotRouted(path: String) throws {
        #expect(try self.answer(path, routes: ["/..."]).head?.status == 404)
    }

    @Test(arguments: ["/", "/b", "/a/b", "/A", "*"])
    func pathsWithoutRouteAreNotFound(path: String) throws {
        let response = try self.answer(path, routes: ["/a"])
        #expect(response.head?.status == 404)
        #expect(response.body.readableBytes == 0)
    }

    @Test func headGetsNoBody() throws {
        let response = try self.answer("/.well-known/spin/health", method: "HEAD")
        #expect(response.head?.status == 200)
        #expect(response.body.readableBytes == 0)
    }
}
