/// What one instance may ask of databases.
package struct SQLiteLimits: Sendable {
    /// Connections open at a time.
    package var openConnections = 256
    /// Bytes of one result, with what the host needs to hold its values.
    package var resultBytes = 128 << 20
    /// Bytes of one value, row or statement.
    package var valueBytes: Int32 = 128 << 20

    package init() {}
}

/// The databases of one component.
package struct SQLiteGrants: Sendable {
    /// By label; what is not here is denied.
    package var databases: [String: any SQLiteDatabase]
    package var limits: SQLiteLimits

    package init(databases: [String: any SQLiteDatabase] = [:], limits: SQLiteLimits = SQLiteLimits()) {
        self.databases = databases
        self.limits = limits
    }
}
