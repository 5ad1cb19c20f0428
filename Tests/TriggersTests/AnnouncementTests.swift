import AppModel
import HTTP
import Testing
import Triggers

/// What a person reads when the application serves.
@Suite struct AnnouncementTests {
    private func text(
        _ routes: [(component: String, route: String)], host: String = "127.0.0.1", descriptions: [String: String] = [:]
    ) throws -> String {
        var app = LockedApp(metadata: LockedApp.Metadata(name: "shop"))
        app.components = descriptions.map { id, description in
            var component = LockedComponent(id: id, source: LockedContent(path: "/\(id).wasm"))
            component.metadata.description = description
            return component
        }
        let router = try Router(
            routes.map { try Route(triggerID: "trigger-\($0.component)", componentID: $0.component, route: $0.route) })
        return Announcement(address: BoundAddress(host: host, port: 3000), router: router, app: app).text
    }

    @Test func routesAreListed() throws {
        #expect(
            try self.text(
                [("front", "/"), ("api", "/api/..."), ("user", "/user/:id")], descriptions: ["api": "Orders"])
                    == """
                    Serving http://127.0.0.1:3000
                    Available Routes:
                      front: http://127.0.0.1:3000
                      api: http://127.0.0.1:3000/api (wildcard)
                        Orders
                      user: http://127.0.0.1:3000/user/:id

                    """)
    }

    @Test func privateComponentsAreNamed() throws {
        var app = LockedApp(metadata: LockedApp.Metadata(name: "shop"))
        app.triggers = [
            LockedTrigger(
                id: "t", triggerType: "http",
                triggerConfig: ["component": .string("stock"), "route": .object(["private": .boolean(true)])])
        ]
        let text = Announcement(address: BoundAddress(host: "::1", port: 1), router: Router([]), app: app).text
        #expect(
            text == """
                Serving http://[::1]:1
                Available Routes:
                  none: what is served has private routes only
                    stock: other components reach it at http://stock.spin.internal

                """)
    }

    @Test func theFirstWordStandsOutOnATerminal() throws {
        let announcement = Announcement(
            address: BoundAddress(host: "::1", port: 1), router: Router([]),
            app: LockedApp(metadata: LockedApp.Metadata(name: "shop")))
        #expect(announcement.text(isColoured: true).hasPrefix("\u{1B}[1;32mServing\u{1B}[0m http://[::1]:1\n"))
    }

    /// An option that was given already is no advice.
    @Test func aTakenPortIsTakenCareOf() {
        let taken = ServerError.addressInUse(host: "::1", port: 1)
        let hint = "hint: --find-free-port takes the next port that is free"
        #expect("\(ApplicationRuntime.startError(taken, mayFindFreePort: true))".hasSuffix(hint))
        #expect("\(ApplicationRuntime.startError(taken, mayFindFreePort: false))" == "\(taken)")
        let other = ServerError.noEventLoops
        #expect("\(ApplicationRuntime.startError(other, mayFindFreePort: true))" == "\(other)")
    }

    @Test func addressesOfVersion6StandInBrackets() throws {
        #expect(try self.text([], host: "::1").hasPrefix("Serving http://[::1]:3000\n"))
    }

    @Test func unreachableRoutesAreNamed() throws {
        let text = try self.text([("a", "/x"), ("b", "/x"), ("c", "/.well-known/spin/health")])
        #expect(text.contains("Warning: route `/x` of component `"))
        #expect(text.contains("Warning: route `/.well-known/spin/health` is never reached"))
    }
}
