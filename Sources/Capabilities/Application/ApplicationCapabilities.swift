package import AppModel
import ComponentModel
import HTTP
package import Logging
package import NIOCore
import RedisClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The capabilities of one application: its stores and databases, which its components share.
package final class ApplicationCapabilities: Sendable {
    private let keyValueStores: [String: any KeyValueStore]
    private let databases: [String: any SQLiteDatabase]
    private let options: CapabilityOptions
    private let variables: VariableResolver
    private let logger: Logger?
    /// Of the guests' own connections, which are limited by themselves.
    private let redis: RedisClient
    private let hosts: [String: AllowedHosts]
    private let results = ResultLimits.application()
    /// What the operator should know at the start, a line each, in Spin's words.
    package let summary: [String]

    /// An application that cannot have what it asks for.
    package struct SetupError: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - variables: the values of the application's variables.
    ///   - hosts: what each component may connect to.
    ///   - network: what the operator allows of that.
    ///   - eventLoops: that guests run on.
    ///   - stateDirectory: where the default store and database are; nil keeps them in memory.
    /// - Throws: ``SetupError`` when a directory cannot be made.
    package init(
        _ app: LockedApp, options: CapabilityOptions, variables: [String: String], stateDirectory: String?,
        hosts: [String: AllowedHosts] = [:], network: OutboundNetwork = .open, eventLoops: [any EventLoop] = [],
        logger: Logger? = nil
    ) throws {
        self.options = options
        self.variables = VariableResolver(variables: app.variables, given: variables)
        self.logger = logger
        self.hosts = hosts
        var redis = RedisSettings.configuration
        if let limit = options.runtimeConfig.outboundRedis.maxConnections { redis.connectionsInAll = limit }
        redis.addressPolicy = network.addressPolicy
        redis.totalBudget = network.total
        self.redis = RedisClient(redis, eventLoops: eventLoops)
        var storeRedis = RedisSettings.configuration
        storeRedis.replies = self.results
        let storeClient = RedisClient(storeRedis, eventLoops: eventLoops)
        let components = app.reachableComponents
        var usedStores = Set(components.flatMap(\.metadata.keyValueStores))
        var usedDatabases = Set(components.flatMap(\.metadata.databases))
        if !options.keyValues.isEmpty { usedStores.insert(RuntimeConfig.defaultLabel) }
        usedDatabases.formUnion(options.sqlStatements.map(\.label))

        let config = options.runtimeConfig
        var files: [String: SQLiteKeyValueFile] = [:]
        var stores: [String: any KeyValueStore] = [:]
        for label in usedStores.sorted() {
            let standard = KeyValueBackend.sqlite(path: stateDirectory.map { "\($0)/sqlite_key_value.db" })
            let backend = config.keyValueStores[label] ?? (label == RuntimeConfig.defaultLabel ? standard : nil)
            switch backend {
            case nil: throw SetupError(description: "unknown key_value_stores label \"\(label)\"")
            case .sqlite(nil): stores[label] = MemoryKeyValueStore()
            case .sqlite(let path?):
                try Self.makeDirectory(of: path)
                let file = files[path] ?? SQLiteKeyValueFile(path: path, logger: logger)
                files[path] = file
                stores[label] = file.store(label)
            case .redis(let url, let place):
                do throws(RedisError) {
                    stores[label] = RedisKeyValueStore(
                        storeClient, address: try RedisAddress(url), logger: logger)
                } catch {
                    throw SetupError(description: "\(place): key_value_store.\(label).url: \(error)")
                }
            }
        }
        var databases: [String: any SQLiteDatabase] = [:]
        for label in usedDatabases.sorted() {
            let standard = SQLiteBackend.local(
                path: stateDirectory.map { "\($0)/sqlite_db.db" }, allowsAttachedFiles: false)
            let backend = config.sqliteDatabases[label] ?? (label == RuntimeConfig.defaultLabel ? standard : nil)
            guard case .local(let path, let allowsAttachedFiles)? = backend else {
                throw SetupError(description: "unknown sqlite_databases label \"\(label)\"")
            }
            if let path { try Self.makeDirectory(of: path) }
            databases[label] = LocalSQLiteDatabase(
                path.map { .file($0) } ?? .memory, allowsAttachedFiles: allowsAttachedFiles, logger: logger)
        }
        self.keyValueStores = stores
        self.databases = databases

        var summary: [String] = []
        if !config.summary.isEmpty {
            summary.append(
                "Using runtime config \(config.summary.joined(separator: ", ")) from \"\(config.file ?? "")\"")
        }
        if let store = stores[RuntimeConfig.defaultLabel] {
            summary.append("Storing default key-value data to \(store.summary).")
        }
        if let database = databases[RuntimeConfig.defaultLabel] {
            summary.append("Storing default SQLite data to \(database.summary).")
        }
        self.summary = summary
    }

    /// What one component may use: what its manifest names, nothing else.
    package func capabilities(of component: LockedComponent) throws -> ComponentCapabilities {
        var keyValue = KeyValueGrants()
        for label in component.metadata.keyValueStores { keyValue.stores[label] = self.keyValueStores[label] }
        var sqlite = SQLiteGrants()
        for label in component.metadata.databases { sqlite.databases[label] = self.databases[label] }
        if !component.metadata.aiModels.isEmpty {
            // As Spin does where it is built without them: what uses none of them must run.
            self.logger?.warning(
                "component \(component.id): this version of Swirl does not provide language models (`ai_models`) yet")
        }
        var values: [String: Result<String, VariableError>] = [:]
        for (name, text) in component.config {
            do {
                values[name] = .success(try self.variables.resolve(try Template(text)))
            } catch let error as VariableResolver.MissingValues {
                throw SetupError(description: "component \"\(component.id)\": variable `\(name)`: \(error)")
            } catch {
                throw SetupError(
                    description: "component \"\(component.id)\": variable `\(name)`: `{{` has no `}}`")
            }
        }
        return ComponentCapabilities(
            component: component.id, keyValue: keyValue, sqlite: sqlite, variables: ComponentVariables(values),
            redis: RedisGrants(client: self.redis, hosts: self.hosts[component.id] ?? .none), results: self.results,
            logger: self.logger)
    }

    /// Does what the command line asks for before anything is served: keys, and SQL.
    package func prepare(on eventLoop: any EventLoop) async throws {
        if let store = self.keyValueStores[RuntimeConfig.defaultLabel], !self.options.keyValues.isEmpty {
            let values = self.options.keyValues.map { ($0.key, Array($0.value.utf8)) }
            let result = try await eventLoop.flatSubmit {
                let promise = eventLoop.makePromise(of: KeyValueResult<Void>.self)
                switch store.setMany(values, on: eventLoop) {
                case .ready(let result): promise.succeed(result)
                case .later(let pending): pending.whenComplete { promise.completeWith($0) }
                }
                return promise.futureResult
            }.get()
            if case .failure(let error) = result {
                throw SetupError(description: "--key-value: the default store cannot be written: \(error)")
            }
        }
        for statement in self.options.sqlStatements {
            guard let database = self.databases[statement.label] else { continue }
            do {
                try database.executeAtStart(statement.sql)
            } catch {
                throw SetupError(description: "--sqlite \(statement.argument): \(error)")
            }
        }
    }

    /// Ends what lives on the event loops, before they end.
    package func shutDown() async {
        for store in self.keyValueStores.values { await store.shutDown() }
    }

    private static func makeDirectory(of path: String) throws(SetupError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw SetupError(
                description: "cannot make the directory `\(directory)`: \(error.shortReason)\n"
                    + #"  hint: choose another one with --state-dir, or pass --state-dir "" to keep no state"#)
        }
    }
}
