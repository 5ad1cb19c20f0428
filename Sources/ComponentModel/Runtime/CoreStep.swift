/// The two names of a core import.
struct CoreImportKey: Hashable {
    let module: CoreName
    let name: CoreName

    init(module: String, name: String) {
        self.module = CoreName(module)
        self.name = CoreName(name)
    }
}

/// One `instantiate` step of a plan.
struct CoreStep {
    let module: Int
    let imports: [ComponentPlan.CoreImport]

    init(_ step: ComponentPlan.Step) {
        switch step {
        case .instantiate(let module, let imports):
            self.module = module
            self.imports = imports
        }
    }

    var importsOnlyTrampolines: Bool {
        self.imports.allSatisfy {
            guard case .trampoline = $0.source else { return false }
            return true
        }
    }

    var sources: [CoreImportKey: CoreDefinition] {
        Dictionary(
            self.imports.map { (CoreImportKey(module: $0.module, name: $0.name), $0.source) },
            uniquingKeysWith: { first, _ in first })
    }
}
