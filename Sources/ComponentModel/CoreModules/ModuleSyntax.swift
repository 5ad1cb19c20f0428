/// A core module that can stand for a component, as it was read: what it imports and exports, and its worlds.
struct ModuleSyntax {
    let summary: CoreModuleSummary
    /// Empty for one that is linked by a convention.
    let worlds: [ModuleWorld]
    let convention: CoreModuleConvention?

    /// Nil for a module that neither says which worlds it was made for, nor follows the convention.
    ///
    /// - Parameter range: where the module is in `bytes`.
    init?(
        _ bytes: UnsafeRawBufferPointer, range: Range<Int>, convention: CoreModuleConvention?
    ) throws(ComponentError) {
        self.worlds = try ModuleWorld.all(in: bytes, range: range)
        self.summary = try CoreModuleScanner.scan(bytes, range: range, store: Validator(bytes).arena.coreTypes)
        self.convention = self.worlds.isEmpty ? convention : nil
        guard self.worlds.isEmpty else { return }
        guard let convention, self.summary.exports.names.contains(where: { convention.exports[$0] != nil }) else {
            return nil
        }
    }

    /// What can be plugged into the module.
    var importNames: [ExternName] {
        var names: [ExternName] = []
        for world in self.worlds {
            for declaration in world.declarations.declarations {
                guard case .import(let syntax) = declaration.kind, !names.contains(syntax.name) else { continue }
                names.append(syntax.name)
            }
        }
        return names
    }
}
