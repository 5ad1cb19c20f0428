package import WasmEngine

/// What the engine allows in one module, and what is worth a module of its own.
package struct MergeLimits: Sendable {
    package var memories: Int
    package var tables: Int
    /// From how many bytes of code, and of data, on the memory's contents get a module of their own; see ``ModuleMerger/splitImage()``.
    package var splitSize: Int

    package init(memories: Int = 2, tables: Int = 10, splitSize: Int = 1 << 20) {
        self.memories = memories
        self.tables = tables
        self.splitSize = splitSize
    }

    /// The limits of an engine. Without a pool there are none worth minding.
    package init(_ configuration: EngineConfiguration) {
        self.init(
            memories: configuration.pooling?.maxMemoriesPerModule ?? 100,
            tables: configuration.pooling?.maxTablesPerModule ?? 100)
    }
}
