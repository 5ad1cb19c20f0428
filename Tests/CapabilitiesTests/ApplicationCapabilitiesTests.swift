import AppModel
import Capabilities
import Foundation
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite struct ApplicationCapabilitiesTests {
    private static func app(_ change: (inout LockedComponent) -> Void) -> LockedApp {
        var app = LockedApp(metadata: LockedApp.Metadata(name: "test"))
        var component = LockedComponent(id: "one", source: LockedContent(path: "/one.wasm"))
        change(&component)
        app.components = [component]
        app.triggers = [
            LockedTrigger(
                id: "t", triggerType: "http", triggerConfig: ["component": .string("one"), "route": .string("/")])
        ]
        return app
    }

    private static func make(
        _ app: LockedApp, _ options: CapabilityOptions = CapabilityOptions(), state: String? = nil,
        variables: [String: String] = [:]
    ) throws -> (ApplicationCapabilities, ComponentCapabilities) {
        let capabilities = try ApplicationCapabilities(
            app, options: options, variables: variables, stateDirectory: state)
        return (capabilities, try capabilities.capabilities(of: app.components[0]))
    }

    @Test func saysWhereTheDefaultsAre() throws {
        let folder = try TemporaryFolder()
        let app = Self.app {
            $0.metadata.keyValueStores = ["default"]
            $0.metadata.databases = ["default"]
        }
        #expect(
            try Self.make(app, state: folder.file("state")).0.summary == [
                "Storing default key-value data to \"\(folder.file("state"))/sqlite_key_value.db\".",
                "Storing default SQLite data to \"\(folder.file("state"))/sqlite_db.db\".",
            ])
        #expect(
            try Self.make(app).0.summary == [
                "Storing default key-value data to a temporary in-memory store.",
                "Storing default SQLite data to a temporary in-memory database.",
            ])
        #expect(try Self.make(Self.app { _ in }).0.summary == [])
    }

    @Test func grantsWhatTheManifestNamesOnly() throws {
        var options = CapabilityOptions()
        options.runtimeConfig.keyValueStores = ["cache": .sqlite(path: nil), "other": .sqlite(path: nil)]
        options.runtimeConfig.summary = ["[key_value_store.cache: spin]", "[key_value_store.other: spin]"]
        options.runtimeConfig.file = "rc.toml"
        let (capabilities, component) = try Self.make(
            Self.app { $0.metadata.keyValueStores = ["cache"] }, options)
        #expect(Set(component.keyValue.stores.keys) == ["cache"])
        #expect(
            capabilities.summary == [
                "Using runtime config [key_value_store.cache: spin], [key_value_store.other: spin] from \"rc.toml\""
            ])
    }

    @Test func labelsWithoutMeaningAreRefused() throws {
        #expect(throws: ApplicationCapabilities.SetupError.self) {
            try Self.make(Self.app { $0.metadata.keyValueStores = ["cache"] })
        }
        #expect(throws: ApplicationCapabilities.SetupError.self) {
            try Self.make(Self.app { $0.metadata.databases = ["cache"] })
        }
    }

    /// Before a guest is the first to find out.
    @Test func refusesPathsThatCannotBeUsed() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("taken.db"), withIntermediateDirectories: true)
        let app = Self.app {
            $0.metadata.keyValueStores = ["a"]
            $0.metadata.databases = ["b"]
        }
        var options = CapabilityOptions()
        options.runtimeConfig.keyValueStores = ["a": .sqlite(path: folder.file("taken.db"))]
        options.runtimeConfig.sqliteDatabases = ["b": .local(path: folder.file("b.db"), allowsAttachedFiles: false)]
        let store = #expect(throws: ApplicationCapabilities.SetupError.self) { try Self.make(app, options) }
        #expect(
            store?.description.hasPrefix("the key-value store \"a\" cannot be kept in `\(folder.file("taken.db"))`: ")
                == true)
        options.runtimeConfig.keyValueStores = ["a": .sqlite(path: folder.file("a.db"))]
        _ = try Self.make(app, options)
        options.runtimeConfig.sqliteDatabases = ["b": .local(path: "/proc/b.db", allowsAttachedFiles: false)]
        let database = #expect(throws: ApplicationCapabilities.SetupError.self) { try Self.make(app, options) }
        #expect(database?.description.hasPrefix("the SQLite database \"b\" cannot be kept in `/proc/b.db`: ") == true)
    }

    @Test func doesWhatTheCommandLineAsks() async throws {
        let folder = try TemporaryFolder()
        var options = CapabilityOptions()
        options.keyValues = [("a", "1"), ("b", "2"), ("a", "3")]
        options.sqlStatements = [
            SQLStatement(argument: "x", sql: "CREATE TABLE t (a); INSERT INTO t VALUES (1)"),
            SQLStatement(argument: "y", sql: "INSERT INTO t VALUES (2)"),
        ]
        let app = Self.app {
            $0.metadata.keyValueStores = ["default"]
            $0.metadata.databases = ["default"]
        }
        for state in [nil, folder.path] {
            let (capabilities, component) = try Self.make(app, options, state: state)
            try await capabilities.prepare(on: MultiThreadedEventLoopGroup.singleton.next())
            let checker = KeyValueChecker(store: try #require(component.keyValue.stores["default"]))
            #expect(try await checker.get("a") == Array("3".utf8))
            #expect(try await checker.keys() == ["a", "b"])
        }
        options.sqlStatements = [SQLStatement(argument: "BAD", sql: "BAD")]
        let (capabilities, _) = try Self.make(app, options)
        let error = await #expect(throws: ApplicationCapabilities.SetupError.self) {
            try await capabilities.prepare(on: MultiThreadedEventLoopGroup.singleton.next())
        }
        #expect(error?.description == "--sqlite BAD: near \"BAD\": syntax error")
    }
}
