/// What a component imports and exports, by its types alone: nothing is planned or compiled.
package struct ComponentInterfaces {
    /// Why something cannot be told in WIT, or does not fit.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String

        init(_ description: String) { self.description = description }
    }

    let validator: Validator
    let shape: ComponentShape

    /// Decodes and validates a component.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ComponentError) {
        try self.init(bytes, validator: Validator(bytes))
    }

    /// - Parameter validator: one whose other components this one may be compared with.
    init(_ bytes: UnsafeRawBufferPointer, validator: Validator) throws(ComponentError) {
        let type = try validator.validate(try ComponentParser(bytes).parse())
        self.validator = validator
        self.shape = try validator.arena.component(type)
    }

    var arena: TypeArena { self.validator.arena }

    package var importNames: [String] { self.shape.imports.names }
    package var exportNames: [String] { self.shape.exports.names }
}
