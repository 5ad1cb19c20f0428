import AppModel
import Testing

/// `-c`, and what a host must offer.
@Suite struct SelectionTests {
    private static func app() -> LockedApp {
        var app = LockedApp(metadata: LockedApp.Metadata(name: "app"))
        for (id, type, hosts) in [
            ("a", "http", ["http://b.spin.internal"]), ("b", "http", []), ("any", "http", ["http://*.spin.internal"]),
            ("r", "redis", ["https://example.com"]), ("templated", "http", ["http://{{ x }}.spin.internal"]),
        ] {
            app.triggers.append(
                LockedTrigger(id: "t-\(id)", triggerType: type, triggerConfig: ["component": .string(id)]))
            var component = LockedComponent(id: id, source: LockedContent(path: "/\(id).wasm"))
            component.metadata.allowedOutboundHosts = hosts
            app.components.append(component)
        }
        app.components.append(LockedComponent(id: "idle", source: LockedContent(path: "/idle.wasm")))
        return app
    }

    @Test(arguments: [
        (["b"], ["t-b"]), (["a", "b"], ["t-a", "t-b"]), (["r"], ["t-r"]), (["b", "idle"], ["t-b"]),
        (["templated"], ["t-templated"]),
    ])
    func selects(ids: [String], triggers: [String]) throws {
        var app = Self.app()
        try app.select(components: ids)
        #expect(app.components.map(\.id) == ids)
        #expect(app.triggers.map(\.id) == triggers)
    }

    @Test(arguments: [
        (["x", "b"], LockedApp.SelectionError.unknown(["x"], known: ["a", "b", "any", "r", "templated", "idle"])),
        (["idle"], .notTriggered(["idle"])), (["a"], .chained(component: "a", targets: ["b"])),
        (["any", "b"], .chainedToAny(component: "any")),
    ])
    func refuses(ids: [String], expected: LockedApp.SelectionError) {
        var app = Self.app()
        #expect(throws: expected) { try app.select(components: ids) }
        #expect(!expected.description.isEmpty)
    }

    @Test func namesWhatIsMissing() throws {
        var app = Self.app()
        app.components[1].metadata.keyValueStores = ["default"]
        app.components[1].metadata.databases = ["default"]
        app.components[1].metadata.aiModels = ["x"]
        app.components[1].dependencies["a:b"] = LockedDependency(source: LockedContent(path: "/x"))
        app.components[1].hostRequirements = ["middleware": .string("required")]
        app.components[5].metadata.keyValueStores = ["idle"]
        let features = HostFeatures(triggerTypes: ["http"], capabilities: [], requirements: [])
        let missing = features.missing(for: app)
        #expect(
            missing.filter { $0.owner == "b" }.map(\.field) == [
                "key_value_stores", "sqlite_databases", "ai_models", "dependencies", "dependencies",
            ])
        #expect(missing.filter(\.isTrigger).map(\.what) == ["`redis` triggers"])
        #expect(!missing.contains { $0.owner == "idle" })
        #expect(missing.filter { $0.field == "allowed_outbound_hosts" }.map(\.owner) == ["a", "any", "r", "templated"])
        var selected = app
        try selected.select(components: ["templated"])
        #expect(HostFeatures.current.missing(for: selected).isEmpty)
    }
}
