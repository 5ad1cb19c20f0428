package import WasmEngine

/// What the engine allows in one module.
package struct MergeLimits: Sendable {
    package var memories: Int
    package var tables: Int

    package init(memories: Int = 2, tables: Int = 10) {
        self.memories = memories
        self.tables = tables
    }

    /// The limits of an engine. Without a pool there are none worth minding.
    package init(_ configuration: EngineConfiguration) {
        self.init(
            memories: configuration.pooling?.maxMemoriesPerModule ?? 100,
            tables: configuration.pooling?.maxTablesPerModule ?? 100)
    }
}
