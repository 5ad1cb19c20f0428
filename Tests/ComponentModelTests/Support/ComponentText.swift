import ComponentModel
import WasmEngine

/// A component written as text, assembled.
struct ComponentText {
    let bytes: [UInt8]

    init(_ text: String) throws {
        self.bytes = try Engine.assemble(text)
    }

    func plan(foldsShims: Bool = true) throws -> ComponentPlan {
        try planned(self.bytes, foldsShims: foldsShims)
    }
}

func planned(_ bytes: [UInt8], foldsShims: Bool = true) throws(ComponentError) -> ComponentPlan {
    // The result outlives the buffer: a plan holds ranges, not pointers.
    let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(ComponentError) in try ComponentDecoder.plan(buffer, foldsShims: foldsShims) }
    }
    return try result.get()
}

extension ComponentPlan {
    /// What a step imports, by `module name`.
    func imports(ofStep step: Int) -> [String: CoreDefinition] {
        guard self.steps.indices.contains(step), case .instantiate(_, let imports) = self.steps[step] else {
            return [:]
        }
        return Dictionary(imports.map { ("\($0.module) \($0.name)", $0.source) }) { first, _ in first }
    }

    func module(ofStep step: Int) -> Int? {
        guard self.steps.indices.contains(step), case .instantiate(let module, _) = self.steps[step] else { return nil }
        return module
    }

    func importedFunction(named name: String) -> ImportedFunction? {
        self.importedFunctions.first { $0.name == name }
    }

    func trampoline(_ definition: CoreDefinition?) -> Trampoline? {
        guard case .trampoline(let index) = definition else { return nil }
        return self.trampolines[index]
    }
}
