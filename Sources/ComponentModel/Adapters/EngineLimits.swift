/// What the engine takes at most in one core module.
///
/// Source: wasmparser, `src/limits.rs`, which all engines agree upon.
enum EngineLimits {
    /// Memories and tables of one module, imported ones counted in.
    static let memories = 100
    static let tables = 100
    /// Bytes of one function, its locals counted in.
    static let functionSize = 7_654_321
    /// Of one function.
    static let locals = 50_000
}
