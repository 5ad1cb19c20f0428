/// What one store may use; nil: as much as the engine allows.
package struct StoreLimits: Sendable, Hashable {
    /// Of each linear memory, in bytes. Growing further fails as the guest sees it; starting larger is an error.
    package var maxMemoryBytes: Int?
    /// Of each table.
    package var maxTableElements: Int?
    package var maxInstances: Int?
    package var maxTables: Int?
    package var maxMemories: Int?

    package init(
        maxMemoryBytes: Int? = nil, maxTableElements: Int? = nil, maxInstances: Int? = nil, maxTables: Int? = nil,
        maxMemories: Int? = nil
    ) {
        self.maxMemoryBytes = maxMemoryBytes
        self.maxTableElements = maxTableElements
        self.maxInstances = maxInstances
        self.maxTables = maxTables
        self.maxMemories = maxMemories
    }
}
