package import WasmEngine

/// Core modules are validated by the engine: those that it compiles while it does so, the others here.
extension ComponentPlan {
    /// Checks the modules that no step instantiates, which nobody compiles.
    ///
    /// - Parameter bytes: the file that the plan was made of.
    package func validateUncompiledModules(_ bytes: UnsafeRawBufferPointer, engine: Engine) throws(ComponentError) {
        for range in self.uncompiledModules { try Self.validate(range, bytes, engine: engine) }
    }

    /// Checks all core modules of the file, without compiling any.
    package func validateModules(_ bytes: UnsafeRawBufferPointer, engine: Engine) throws(ComponentError) {
        for range in self.uncompiledModules + self.coreModules.map(\.byteRange) {
            try Self.validate(range, bytes, engine: engine)
        }
    }

    private static func validate(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, engine: Engine)
        throws(ComponentError)
    {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
        do throws(EngineError) {
            try engine.validate(UnsafeRawBufferPointer(rebasing: bytes[range]))
        } catch {
            throw ComponentError(error, inModuleAt: range.lowerBound)
        }
    }
}

extension ComponentError {
    /// What the engine says of a core module, at its place in the component's file.
    ///
    /// - Parameter start: where the module starts in the file.
    package init(_ error: EngineError, inModuleAt start: Int) {
        let (message, offset) = ComponentError.withoutOffset(error.message)
        self.init(.invalid, "core module is not valid: \(message)", offset: start + offset)
    }

    /// The engine counts from the start of the module: `… (at offset 0x17)` when it validates,
    /// `Invalid input WebAssembly code at offset 23: …` when it compiles.
    static func withoutOffset(_ message: String) -> (message: String, offset: Int) {
        if let place = message.firstRange(of: " (at offset 0x"),
            let end = message[place.upperBound...].firstIndex(of: ")"),
            let offset = Int(message[place.upperBound..<end], radix: 16)
        {
            return (String(message[..<place.lowerBound] + message[message.index(after: end)...]), offset)
        }
        if let place = message.firstRange(of: "at offset "), let end = message[place.upperBound...].firstIndex(of: ":"),
            let offset = Int(message[place.upperBound..<end])
        {
            let rest = message[message.index(after: end)...].drop { $0 == " " }
            return (String(rest), offset)
        }
        return (message, 0)
    }
}
