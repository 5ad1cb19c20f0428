/// What a component imports and exports, by its types alone: nothing is planned or compiled.
package struct ComponentInterfaces {
    /// Why something cannot be told in WIT, or does not fit.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String

        init(_ description: String) { self.description = description }
    }

    let arena: TypeArena
    let shape: ComponentShape

    /// Decodes and validates a component.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ComponentError) {
        try self.init(bytes, arena: TypeArena())
    }

    /// - Parameter arena: that of another component, which this one may be compared with.
    init(_ bytes: UnsafeRawBufferPointer, arena: TypeArena) throws(ComponentError) {
        let type = try Validator(bytes, arena: arena).validate(try ComponentParser(bytes).parse())
        self.arena = arena
        self.shape = try arena.component(type)
    }

    init(_ shape: ComponentShape, arena: TypeArena) {
        self.arena = arena
        self.shape = shape
    }

    package var importNames: [String] { self.shape.imports.names }
    package var exportNames: [String] { self.shape.exports.names }
}
