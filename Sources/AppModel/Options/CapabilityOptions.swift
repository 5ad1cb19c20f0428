/// How an application's capabilities are provided: the runtime configuration, and what the command line adds.
package struct CapabilityOptions: Sendable {
    package var runtimeConfig = RuntimeConfig()
    /// Set in the default store before anything is served.
    package var keyValues: [(key: String, value: String)] = []
    /// Run before anything is served.
    package var sqlStatements: [SQLStatement] = []

    package init() {}
}

/// SQL of the command line, for one database.
package struct SQLStatement: Sendable, Hashable {
    /// As it was written on the command line, for messages.
    package var argument: String
    package var sql: String
    package var label: String

    package init(argument: String, sql: String, label: String = RuntimeConfig.defaultLabel) {
        self.argument = argument
        self.sql = sql
        self.label = label
    }
}
