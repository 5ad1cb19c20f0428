import AppModel
import Testing

@Suite struct SpinHeadersTests {
    private static func headers(
        route: String, path: String, query: String = "", scheme: String = "http", authority: String = "localhost:3000"
    ) throws -> [String] {
        let router = Router([try Route(triggerID: "t", componentID: "c", route: route)])
        let match = try #require(router.match(path))
        return SpinHeaders.make(
            match: match, scheme: scheme, authority: authority, target: path + query, path: path,
            clientAddress: "127.0.0.1:8777"
        ).map { "\($0.0): \($0.1)" }
    }

    @Test func tellsHowTheComponentWasReached() throws {
        let headers = try Self.headers(
            route: "/foo/...", path: "/foo/bar", query: "?key1=value1&key2=value2", scheme: "https",
            authority: "fermyon.dev")
        #expect(
            headers == [
                "spin-path-info: /bar",
                "spin-full-url: https://fermyon.dev/foo/bar?key1=value1&key2=value2",
                "spin-matched-route: /foo/...",
                "spin-base-path: /",
                "spin-raw-component-route: /foo/...",
                "spin-component-route: /foo",
                "spin-client-addr: 127.0.0.1:8777",
            ])
    }

    @Test func givesCaptures() throws {
        let headers = try Self.headers(route: "/foo/:userID/:the_id/...", path: "/foo/42/x%20y/bar")
        #expect(headers[0] == "spin-path-info: /bar")
        #expect(headers[2] == "spin-matched-route: /foo/:userID/:the_id/...")
        #expect(headers[5] == "spin-component-route: /foo/:userID/:the_id")
        #expect(headers.dropFirst(7) == ["spin-path-match-userid: 42", "spin-path-match-the-id: x%20y"])
    }

    /// As Spin has it: the matched route of `/` is empty.
    @Test func rootRoute() throws {
        let headers = try Self.headers(route: "/", path: "/")
        #expect(headers[0] == "spin-path-info: ")
        #expect(headers[2] == "spin-matched-route: ")
        #expect(headers[4] == "spin-raw-component-route: /")
        #expect(headers[5] == "spin-component-route: /")
    }

    @Test func wildcardRoot() throws {
        let headers = try Self.headers(route: "/...", path: "/a/b/")
        #expect(headers[0] == "spin-path-info: /a/b/")
        #expect(headers[2] == "spin-matched-route: /...")
        #expect(headers[5] == "spin-component-route: ")
    }

    @Test func trailingSlashOfTheRouteIsKeptWhereSpinKeepsIt() throws {
        let headers = try Self.headers(route: "/foo/", path: "/foo")
        #expect(headers[2] == "spin-matched-route: /foo")
        #expect(headers[4] == "spin-raw-component-route: /foo/")
        #expect(headers[5] == "spin-component-route: /foo/")
    }

    /// A name that is no header name is dropped; of two equal names the last counts.
    @Test func oddNames() throws {
        #expect(try Self.headers(route: "/:na(me", path: "/x").count == 7)
        #expect(try Self.headers(route: "/:a/:a", path: "/x/y").dropFirst(7) == ["spin-path-match-a: y"])
    }

    @Test func syntheticMatch() throws {
        let match = try RouteMatch.synthetic(component: "other", path: "/a/b")
        #expect(match.route.componentID == "other")
        #expect(match.pathInfo(in: "/a/b") == "/a/b")
        #expect(match.route.raw == "/...")
    }

    @Test(arguments: [
        ("spin-path-info", true), ("spin-path-match-x", true), ("spin-client-addr", true), ("spin-custom", false),
        ("host", false),
    ])
    func reservesItsNames(name: String, isReserved: Bool) {
        #expect(SpinHeaders.isReserved(name) == isReserved)
    }
}
