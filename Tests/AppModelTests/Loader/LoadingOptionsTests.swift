import AppLoader
import AppModel
import Foundation
import Testing

/// What the command line says about loading.
@Suite struct LoadingOptionsTests {
    private static func load(
        _ app: TemporaryApplication, _ source: AppSource? = nil,
        change: (inout ApplicationLoader.Options) -> Void = { _ in }
    ) async throws -> LockedApp {
        let work = try WorkingDirectory(below: app.directory)
        var options = ApplicationLoader.Options()
        change(&options)
        return try await ApplicationLoader(
            workingDirectory: work, currentDirectory: app.directory, options: options
        ).load(source ?? .manifest(app.path("spin.toml"))).app
    }

    private static func application(_ lines: String) throws -> TemporaryApplication {
        let app = try TemporaryApplication()
        try app.write("hello.wasm")
        try app.write("other.wasm")
        try app.write("data/a.txt", "a")
        try app.write("spin.toml", ManifestTests.minimal + lines)
        return app
    }

    @Test func mountsDirectories() async throws {
        let app = try Self.application(
            "files = [\"data\", { source = \"data\", destination = \"/x/../y\" }]".replacingOccurrences(
                of: "/x/../y", with: "/y"))
        let loaded = try await Self.load(app) { $0.mountsDirectly = true }
        #expect(
            loaded.components[0].files == [
                LockedMount(directory: app.path("data"), guestPath: "/data"),
                LockedMount(directory: app.path("data"), guestPath: "/y"),
            ])
    }

    @Test(arguments: [
        (
            "files = [\"data/a.txt\"]",
            "spin.toml:12:10: component.hello.files[0]: `data/a.txt` is no directory, and `--direct-mounts` mounts directories only\n  hint: name the directory that it is in, or leave `--direct-mounts` out"
        ),
        (
            "files = [\"data\"]\nexclude_files = [\"x\"]",
            "spin.toml:13:1: component.hello.exclude_files: `--direct-mounts` cannot leave files out\n  hint: remove `exclude_files`, or leave `--direct-mounts` out"
        ),
        (
            "files = [\"..\", { source = \"/etc\", destination = \"/\" }]",
            "spin.toml:12:10: component.hello.files[0]: a pattern must not end in the parent directory (`..`)\n  hint: to include a directory use `{ source = \"…\", destination = \"/\" }` or a glob such as `dir/**/*`"
        ),
    ])
    func mountsNothingElse(lines: String, expected: String) async throws {
        let app = try Self.application(lines)
        let error = await #expect(throws: ManifestError.self) { try await Self.load(app) { $0.mountsDirectly = true } }
        #expect(error?.description == expected)
    }

    @Test func mountsNothingOutside() async throws {
        let app = try Self.application("files = [\"link\", { source = \"/etc\", destination = \"/\" }]")
        try app.link("link", to: "/etc")
        let error = await #expect(throws: ManifestError.self) { try await Self.load(app) { $0.mountsDirectly = true } }
        #expect(error?.diagnostics.count == 2)
        #expect(error?.description.contains("outside the application directory") == true)
    }

    @Test func copiesManyFiles() async throws {
        let app = try Self.application("files = [\"data\", \"data/5*.txt\"]")
        for number in 0..<200 { try app.write("data/\(number).txt", "\(number)") }
        let loaded = try await Self.load(app)
        let directory = try #require(loaded.components[0].files.first?.directory)
        #expect(app.files(below: directory).count == 201)
        #expect(app.read("\(directory)/data/57.txt") == "57")
    }

    @Test func refusesWhatTheHostLacks() async throws {
        let app = try Self.application(
            """
            key_value_stores = ["default"]
            sqlite_databases = ["db"]
            ai_models = ["m"]
            [[trigger.redis]]
            channel = "c"
            component = "other"
            [component.other]
            source = "other.wasm"
            [component.unused]
            source = "none.wasm"
            key_value_stores = ["default"]
            """)
        let nothing = HostFeatures(triggerTypes: ["http"], capabilities: [], requirements: [])
        let error = await #expect(throws: ManifestError.self) {
            try await Self.load(app) { $0.features = nothing }
        }
        #expect(
            error?.description == """
                spin.toml:12:1: component.hello.key_value_stores: this version of Swirl does not provide key-value stores (`key_value_stores`) yet
                spin.toml:13:1: component.hello.sqlite_databases: this version of Swirl does not provide SQLite databases (`sqlite_databases`) yet
                spin.toml:14:1: component.hello.ai_models: this version of Swirl does not provide language models (`ai_models`) yet
                spin.toml:15:1: trigger.redis: this version of Swirl does not provide `redis` triggers yet
                """)
        let everything = HostFeatures(
            triggerTypes: ["http", "redis"],
            capabilities: ["key_value_stores", "sqlite_databases", "ai_models"], requirements: [])
        let loaded = try await Self.load(app) { $0.features = everything }
        #expect(loaded.components[0].metadata.databases == ["db"])
        #expect(loaded.triggers.map(\.triggerType) == ["http", "redis"])
    }

    /// Who corrects a manifest learns at once that its triggers are not there.
    @Test func refusesTriggersTogetherWithMistakes() async throws {
        let app = try Self.application(
            """
            sources = "x"
            [[trigger.timer]]
            component = "hello"
            """)
        let error = await #expect(throws: ManifestError.self) { try await Self.load(app) }
        #expect(
            error?.diagnostics.map(\.field) == ["component.hello.sources", "trigger.timer"],
            "\(String(describing: error))")
    }

    /// A label that no runtime configuration gives a meaning.
    @Test func refusesUnknownLabels() async throws {
        let app = try Self.application(
            """
            key_value_stores = ["default", "cache"]
            sqlite_databases = ["default", "db"]
            """)
        let error = await #expect(throws: ManifestError.self) {
            try await Self.load(app) {
                $0.features.labels = ["key_value_stores": ["default"], "sqlite_databases": ["default"]]
            }
        }
        #expect(
            error?.description == """
                spin.toml:12:1: component.hello.key_value_stores: unknown key_value_stores label "cache"
                  hint: say what it is by `[key_value_store.cache]` in a file given by --runtime-config-file
                spin.toml:13:1: component.hello.sqlite_databases: unknown sqlite_databases label "db"
                  hint: say what it is by `[sqlite_database.db]` in a file given by --runtime-config-file
                """)
        _ = try await Self.load(app) {
            $0.features.labels = ["key_value_stores": ["default", "cache"], "sqlite_databases": ["default", "db"]]
        }
    }

    @Test func locksDependencies() async throws {
        let app = try Self.application(
            """
            [component.hello.dependencies]
            "a:b" = { component = "middle", inherit_configuration = ["files"] }
            [component.middle]
            source = "hello.wasm"
            [component.middle.dependencies]
            "c:d/e@1.0.0" = { path = "hello.wasm", export = "f:g/h", inherit_configuration = true }
            """)
        let loaded = try await Self.load(app)
        let content = LockedContent(path: app.path("hello.wasm"))
        var middle = LockedDependency(source: content, inherit: .some(["files"]), place: "spin.toml:13:9")
        middle.dependencies["c:d/e@1.0.0"] = LockedDependency(
            source: content, export: "f:g/h", inherit: .all, place: "spin.toml:17:17")
        #expect(loaded.components[0].dependencies == ["a:b": middle])
        let json = try JSONEncoder().encode(loaded)
        #expect(try JSONDecoder().decode(LockedApp.self, from: json) == loaded)
    }

    @Test func refusesCircles() async throws {
        let app = try Self.application(
            """
            [component.hello.dependencies]
            "a:b" = { component = "middle" }
            [component.middle]
            source = "hello.wasm"
            [component.middle.dependencies]
            "a:b" = { component = "last" }
            [component.last]
            source = "hello.wasm"
            [component.last.dependencies]
            "a:b" = { component = "middle" }
            """)
        let error = await #expect(throws: ManifestError.self) { try await Self.load(app) }
        #expect(
            error?.description == """
                spin.toml:21:9: component.last.dependencies."a:b": components depend on each other in a circle
                  hint: middle -> last -> middle
                """)
    }

    @Test func selectsComponents() async throws {
        let app = try Self.application(
            "[[trigger.redis]]\nchannel = \"c\"\ncomponent = \"other\"\n[component.other]\nsource = \"missing.wasm\"")
        let loaded = try await Self.load(app) { $0.components = ["hello"] }
        #expect(loaded.components.map(\.id) == ["hello"])
        await #expect(throws: LockedApp.SelectionError.self) { try await Self.load(app) { $0.components = ["helo"] } }
    }

    @Test func givesEachMiddlewareItsComponent() async throws {
        let app = try Self.application(
            """
            [[trigger.http]]
            route = "/a"
            component = "hello"
            dependencies.middleware = [{ component = "other", inherit_configuration = true }, { path = "other.wasm" }]
            [component.other]
            source = "other.wasm"
            """)
        let error = await #expect(throws: ManifestError.self) {
            try await Self.load(app) { $0.features.requirements.remove(HostRequirement.middleware) }
        }
        #expect(error?.description.contains("does not provide middleware yet") == true)
        let loaded = try await Self.load(app)
        #expect(loaded.components.map(\.id) == ["hello", "other", "hello-for-http-trigger1"])
        #expect(loaded.triggers[1].triggerConfig["component"] == .string("hello-for-http-trigger1"))
        #expect(loaded.triggers[1].dependencies.isEmpty)
        let wrapped = loaded.components[2]
        #expect(wrapped.triggerDependencies["middleware"]?.map(\.inherit) == [.all, .some([])])
        #expect(wrapped.metadata.composingTrigger == "http")
        #expect(wrapped.hostRequirements == ["middleware": .string("required")])
        let json = try JSONEncoder().encode(loaded)
        #expect(try JSONDecoder().decode(LockedApp.self, from: json) == loaded)
        #expect(String(decoding: json, as: UTF8.self).contains("\"spin_lock_version\":1"))
    }

    // MARK: - Locked applications

    @Test func runsLockedApplications() async throws {
        let app = try Self.application("allowed_outbound_hosts = [\"https://a.example\"]\nfiles = [\"data\"]")
        let loaded = try await Self.load(app)
        try app.write("spin.lock", String(decoding: try JSONEncoder().encode(loaded), as: UTF8.self))
        let source = try AppSource.named("spin.lock", currentDirectory: app.directory)
        #expect(source == .locked(app.path("spin.lock")))
        #expect(try await Self.load(app, source) == loaded)
    }

    @Test func writesContentOutOfTheLock() async throws {
        let app = try Self.application("")
        try app.write(
            "app.json",
            """
            { "spin_lock_version": 0, "metadata": { "name": "x", "more": [1] },
              "triggers": [{ "id": "t", "trigger_type": "http", "trigger_config": { "component": "c", "route": "/" } }],
              "components": [
                { "id": "c", "source": { "content_type": "application/wasm", "inline": "d2FzbQ" },
                  "files": [{ "inline": "YQ==", "path": "/d/a.txt" }] },
                { "id": "unused", "source": { "content_type": "application/wasm", "digest": "sha256:0" } } ] }
            """)
        let loaded = try await Self.load(app, .locked(app.path("app.json")))
        #expect(try app.read(#require(loaded.components[0].source.path)) == "wasm")
        let mount = try #require(loaded.components[0].files.first)
        #expect(mount.path == "/")
        #expect(app.read("\(mount.directory ?? "")/d/a.txt") == "a")
        #expect(loaded.metadata.other == ["more": .array([.integer(1)])])
    }

    @Test(arguments: [
        ("{", "not a locked application"), ("{\"spin_lock_version\": 9}", "reads lock versions 0 and 1, not 9"),
        (
            "{\"spin_lock_version\":0,\"triggers\":[{\"id\":\"t\",\"trigger_type\":\"timer\",\"trigger_config\":{}}],\"components\":[]}",
            "trigger `t`: this version of Swirl does not provide `timer` triggers yet"
        ),
        (
            "{\"spin_lock_version\":0,\"triggers\":[{\"id\":\"t\",\"trigger_type\":\"http\",\"trigger_config\":{\"component\":\"c\"}}],\"components\":[{\"id\":\"c\",\"source\":{\"content_type\":\"w\",\"digest\":\"sha256:0\"}}]}",
            "component `c`: its content is neither a local file nor in the cache (sha256:0)"
        ),
        (
            "{\"spin_lock_version\":0,\"triggers\":[{\"id\":\"t\",\"trigger_type\":\"http\",\"trigger_config\":{\"component\":\"c\"}}],\"components\":[{\"id\":\"c\",\"source\":{\"content_type\":\"w\",\"inline\":\"\"},\"files\":[{\"inline\":\"\",\"path\":\"../x\"}]}]}",
            "`../x` is no file name"
        ),
        ("{\"spin_lock_version\":0,\"metadata\":{\"name\":1},\"triggers\":[],\"components\":[]}", "metadata `name`"),
    ])
    func refusesOtherLocks(json: String, problem: String) async throws {
        let app = try Self.application("")
        try app.write("x.lock", json)
        do {
            _ = try await Self.load(app, .locked(app.path("x.lock")))
            Issue.record("it was read")
        } catch {
            #expect("\(error)".contains(problem), "\(error)")
        }
    }
}
