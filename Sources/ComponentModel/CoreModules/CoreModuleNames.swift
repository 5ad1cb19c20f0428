/// How a core module calls what is a function of a world: its imports, its exports, and the functions that the Canonical ABI
/// needs.
///
/// Source: wit-component's conventions for core modules; Spin's adapter for modules of 2022.
package struct CoreModuleNames: Sendable {
    /// The interface and function that a core import stands for, where that is another name.
    var imports: [CoreImportKey: (interface: String, function: String)] = [:]
    /// The core export that a function of an exported interface is.
    var exports: [CoreImportKey: String] = [:]
    var realloc = "cabi_realloc"

    /// Those that wit-component knows.
    static let current = CoreModuleNames()

    func imported(_ key: CoreImportKey) -> (interface: String, function: String) {
        self.imports[key] ?? (key.module, key.name)
    }

    /// - Parameter interface: nil for a function of the world itself.
    func export(_ function: String, of interface: String?) -> String {
        guard let interface else { return function }
        return self.exports[CoreImportKey(module: interface, name: function)] ?? "\(interface)#\(function)"
    }
}
