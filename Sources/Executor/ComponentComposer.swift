package import AppModel
import ComponentModel

/// Makes components that every host can run by itself: those that need others become one with them, texts are assembled.
package struct ComponentComposer: Sendable {
    private let assembler: TextAssembler

    /// - Parameter assembler: what reads components that are text.
    package init(assembler: TextAssembler = TextAssembler()) {
        self.assembler = assembler
    }

    /// The binary of a component; nil where its file is that already.
    ///
    /// - Parameter composing: whether dependencies and middleware become part of it.
    /// - Throws: ``ComponentLoadError`` for a file that is no WebAssembly, or parts that do not fit together.
    package func binary(of component: LockedComponent, composing: Bool) throws -> [UInt8]? {
        guard let path = component.source.path else {
            throw ComponentLoadError(component: component.id, "its source is not a local file")
        }
        let file = try ComponentFile(path: path, component: component.id, assembler: self.assembler)
        if case .notWasm = WasmKind.of(file.bytes), let problem = file.problem {
            throw ComponentLoadError(component: component.id, path: path, problem)
        }
        let middleware = component.triggerDependencies["middleware"] ?? []
        guard composing, !component.dependencies.isEmpty || !middleware.isEmpty else {
            return path.hasSuffix(".wat") ? Array(file.bytes) : nil
        }
        let image = try CompositionImage(
            file, name: component.id, dependencies: component.dependencies, middleware: middleware,
            assembler: self.assembler)
        do {
            return try CompositionEncoder.encode(image.composition, image.bytes)
        } catch let error as CompositionError {
            throw image.loadError(error)
        }
    }
}
