/// What an operator decides about an application apart from its author: where its state is, what its labels mean.
///
/// Read from `runtime-config.toml` (`spin-parity.md` 4). Without a file it says nothing, and the defaults hold.
package struct RuntimeConfig: Sendable, Hashable {
    /// The file as the user named it; nil when there is none.
    package var file: String?
    /// `""` for none; nil when the file does not say.
    package var stateDirectory: String?
    package var logDirectory: String?
    package var maxInstanceMemory: Int?
    /// Asked in this order, after the command line.
    package var variableProviders: [VariableProviderConfig] = []
    /// By label.
    package var keyValueStores: [String: KeyValueBackend] = [:]
    package var sqliteDatabases: [String: SQLiteBackend] = [:]
    package var outboundRedis = ConnectionLimit()
    package var outboundHTTP = OutboundHTTPConfig()
    package var network = OutboundNetworkConfig()
    /// The first that names a component and a host counts for them.
    package var clientTLS: [ClientTLSConfig] = []
    /// The sections that say something, in Spin's words, for the start: `[key_value_store.cache: redis]`.
    package var summary: [String] = []
    /// What is taken, but should be written another way.
    package var warnings: [Diagnostic] = []

    package init() {}

    /// The label that exists without a configuration.
    package static let defaultLabel = "default"

    package var keyValueLabels: Set<String> { Set(self.keyValueStores.keys).union([Self.defaultLabel]) }
    package var sqliteLabels: Set<String> { Set(self.sqliteDatabases.keys).union([Self.defaultLabel]) }
}

/// Where values of variables come from, besides the command line.
package enum VariableProviderConfig: Sendable, Hashable {
    case values([String: String])
    /// Environment variables `<prefix>_<NAME>`, also of a file like `.env`.
    case environment(prefix: String, dotEnvPath: String?)
}

/// What a label of `key_value_stores` means.
package enum KeyValueBackend: Sendable, Hashable {
    /// SQLite; nil keeps it in memory.
    case sqlite(path: String?)
    /// `place` is where the URL stands, as `runtime-config.toml:3:7`.
    case redis(url: String, place: String)
}

/// What a label of `sqlite_databases` means.
package enum SQLiteBackend: Sendable, Hashable {
    /// nil keeps it in memory.
    case local(path: String?, allowsAttachedFiles: Bool)
}

/// How many connections of one kind there may be at a time; nil for as many as are asked for.
package struct ConnectionLimit: Sendable, Hashable {
    package var maxConnections: Int?

    package init(maxConnections: Int? = nil) {
        self.maxConnections = maxConnections
    }
}
