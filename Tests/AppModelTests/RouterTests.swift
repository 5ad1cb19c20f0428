import AppModel
import Testing

@Suite struct RouterTests {
    /// Routes named after themselves.
    private static func router(_ routes: [String]) throws -> Router {
        Router(try routes.map { try Route(triggerID: "t:\($0)", componentID: $0, route: $0) })
    }

    private static func router(_ routes: [(String, String)]) throws -> Router {
        Router(try routes.map { try Route(triggerID: "t", componentID: $0.0, route: $0.1) })
    }

    @Test(arguments: [
        // Fixed text.
        (["/foo", "/foo/bar"], "/foo", "/foo"),
        (["/foo", "/foo/bar"], "/foo/bar", "/foo/bar"),
        (["/foo", "/foo/bar"], "/foo/", "/foo"),
        (["/foo", "/foo/bar"], "//foo", "/foo"),
        (["/foo"], "/foobar", nil),
        (["/foo"], "/fo", nil),
        (["/foo"], "/Foo", nil),
        (["/foo"], "/", nil),
        (["/"], "/", "/"),
        (["/"], "", "/"),
        (["/"], "/a", nil),
        (["/a.b"], "/a.b", "/a.b"),
        (["/.well-known/acme"], "/.well-known/acme", "/.well-known/acme"),
        (["/a:b"], "/a:b", "/a:b"),
        (["foo"], "/foo", "foo"),
        (["/foo/"], "/foo", "/foo/"),
        // The whole rest.
        (["/..."], "/", "/..."),
        (["/..."], "/abc/", "/..."),
        (["/..."], "/foo/bar", "/..."),
        (["/*"], "/foo/bar", "/*"),
        (["/foo/..."], "/foo", "/foo/..."),
        (["/foo/..."], "/foo/", "/foo/..."),
        (["/foo/..."], "/foobar", nil),
        // The longest beginning wins, in any order.
        (["/one/...", "/one/two/...", "/one/two/three/..."], "/one/two/three/four", "/one/two/three/..."),
        (["/one/two/three/...", "/one/two/...", "/one/..."], "/one/two/three/four", "/one/two/three/..."),
        (["/one/two/three/...", "/one/two/...", "/one/..."], "/one/two", "/one/two/..."),
        (["/one/two/three/...", "/one/two/...", "/one/..."], "/one/x", "/one/..."),
        (["/one", "/..."], "/one", "/one"),
        (["/...", "/one"], "/one", "/one"),
        (["/one/...", "/one"], "/one", "/one"),
        (["/one/...", "/one"], "/one/", "/one"),
        (["/...", "/"], "/", "/"),
        // Names.
        (["/users/:id"], "/users/7", "/users/:id"),
        (["/users/:id"], "/users", nil),
        (["/users/:id"], "/users/7/x", nil),
        (["/users/:id", "/users/me"], "/users/me", "/users/me"),
        (["/users/:id", "/users/..."], "/users/7", "/users/:id"),
        (["/users/:id", "/users/..."], "/users/7/x", "/users/..."),
        (["/users/:id/...", "/users/:id/edit"], "/users/7/edit", "/users/:id/edit"),
        (["/:a/x", "/b/:c"], "/b/x", "/b/:c"),
        (["/:file.json", "/:file"], "/a.json", "/:file.json"),
        (["/:file.json", "/:file"], "/a.txt", "/:file"),
        // A query is no part of a path, but harmless behind a wildcard.
        (["/..."], "/this/should/be/captured?abc=def", "/..."),
    ] as [([String], String, String?)])
    func findsTheBestRoute(routes: [String], path: String, expected: String?) throws {
        #expect(try Self.router(routes).match(path)?.route.componentID == expected)
    }

    @Test(arguments: [
        ("/...", "/1/2/3", "/1/2/3"),
        ("/...", "/", "/"),
        ("/...", "", ""),
        ("/1/...", "/1/2/3", "/2/3"),
        ("/test/...", "/test", ""),
        ("/test/...", "/test/", "/"),
        ("/test/...", "/test/hello", "/hello"),
        ("/test/...", "/test/hello/", "/hello/"),
        ("/test/...", "/test//hello", "//hello"),
        ("/test/*", "/test/hello", "/hello"),
        ("/users/:id/...", "/users/7/a%20b/", "/a%20b/"),
        ("/...", "*", "/*"),
        ("/test", "/test/", ""),
    ])
    func givesTheRestOfThePath(route: String, path: String, expected: String) throws {
        let match = try #require(try Self.router([route]).match(path))
        #expect(match.pathInfo(in: path) == expected)
    }

    @Test(arguments: [
        ("/1/:two/3", "/1/2/3", ["two=2"]),
        ("/1/:two/...", "/1/2/3", ["two=2"]),
        ("/:a/:b", "/x/y", ["a=x", "b=y"]),
        ("/:a/:b", "/x//", nil),
        ("/users/:id/x", "/users//x", ["id="]),
        ("/:name.json", "/data.json", ["name=data"]),
        ("/:name.:type", "/data.tar.gz", ["name=data", "type=tar.gz"]),
        ("/:name", "/data.tar", ["name=data.tar"]),
        ("/:name", "/%C3%A4", ["name=%C3%A4"]),
    ] as [(String, String, [String]?)])
    func captures(route: String, path: String, expected: [String]?) throws {
        let match = try Self.router([route]).match(path)
        #expect(match?.namedCaptures(in: path).map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: [
        ("/a/.../b", "`...` may only stand at the end of a route"),
        ("/a/*/b", "`*` may only stand at the end of a route"),
        ("/*rest", "a wildcard has no name: write `/...` instead of `/*rest`"),
        ("/a/:", "a `:` must be followed by a name, as in `/users/:id`"),
    ])
    func refusesBadRoutes(route: String, message: String) throws {
        let error = #expect(throws: RoutePattern.ParseError.self) { try RoutePattern(route) }
        #expect(error?.description == message)
    }

    @Test func keepsTheOrderOfTheManifest() throws {
        let router = try Self.router(["/", "/foo", "/bar", "/whee/..."])
        #expect(router.routes.map(\.raw) == ["/", "/foo", "/bar", "/whee/..."])
        #expect(router.duplicates.isEmpty)
    }

    @Test func lastOfTheSameRoutesWins() throws {
        let router = try Self.router([
            ("first", "/"), ("second", "/"), ("a", "/foo"), ("b", "/foo"), ("c", "/..."), ("d", "/..."),
        ])
        #expect(router.routes.map(\.componentID) == ["second", "b", "d"])
        #expect(router.duplicates.map(\.replacedComponent) == ["first", "a", "c"])
        #expect(router.duplicates.map(\.effectiveComponent) == ["second", "b", "d"])
        #expect(router.duplicates.map(\.route) == ["/", "/foo", "/..."])
        #expect(router.match("/foo")?.route.componentID == "b")
        #expect(
            router.duplicates[1].description
                == "route `/foo` of component `a` is never reached: component `b` has the same route")
    }

    @Test func firstOfRoutesThatOnlyLookDifferentWins() throws {
        let router = try Self.router([("first", "/foo"), ("second", "/foo/"), ("x", "/:a"), ("y", "/:b")])
        #expect(router.match("/foo")?.route.componentID == "first")
        #expect(router.match("/7")?.route.componentID == "x")
        #expect(router.duplicates.map(\.replacedComponent) == ["second", "y"])
    }

    @Test(arguments: [
        ("/.well-known/spin/...", true), ("/.well-known/spin/fie", true), ("/.well-known/spindle/...", false),
        ("/.well-known/spi/...", false), ("/.well-known/spin", false),
    ])
    func knowsReservedRoutes(route: String, isReserved: Bool) throws {
        #expect(try Self.router([route]).reservedRoutes.isEmpty != isReserved)
    }

    @Test(arguments: [
        ("/", "/", false), ("/foo", "/foo", false), ("/...", "/", true), ("/whee/...", "/whee", true),
        ("/a/*", "/a", true),
    ])
    func showsRoutes(route: String, path: String, isWildcard: Bool) throws {
        let route = try Route(triggerID: "t", componentID: "c", route: route)
        #expect(route.displayPath == path)
        #expect(route.isWildcard == isWildcard)
    }

    @Test func survivesHostilePaths() throws {
        let router = try Self.router(["/...", "/:a.b/c", "/x/:y/..."])
        for path in ["", "/", "//////", "/x", "/x/", "/x//", "....", "/\u{0}", "/:a", String(repeating: "/a", count: 9999)] {
            let match = router.match(path)
            #expect(match != nil)
            _ = match?.pathInfo(in: path)
            // Another path than the one that was matched must not trap.
            _ = match?.pathInfo(in: "")
            _ = match?.namedCaptures(in: "")
        }
        let invalid: [UInt8] = [0x2F, 0xFF, 0xFE, 0x2F]
        let info = invalid.withUnsafeBufferPointer { bytes in router.match(bytes)?.pathInfo(in: bytes) }
        #expect(info == "/\u{FFFD}\u{FFFD}/")
    }
}
