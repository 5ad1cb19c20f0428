/// A failure of the engine that is neither the guest's trap nor a host function's error.
package struct EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// libwasmtime is missing or unusable.
        case library
        /// The bytes are not a valid core module, or one that this engine does not allow.
        case invalidModule
        /// Text that does not assemble.
        case assembly
        /// An import is missing or of the wrong type, or defined twice.
        case linking
        /// No instance could be made: a limit of the store or of the pool.
        case instantiation
        /// The engine's settings contradict each other or the machine.
        case configuration
        /// The API was used in a way it does not allow.
        case misuse
        /// Anything else that Wasmtime reports.
        case other
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { self.message }
}
