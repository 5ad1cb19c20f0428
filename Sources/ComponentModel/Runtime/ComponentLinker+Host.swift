import WasmEngine

/// Imports are matched with the host's functions.
extension ComponentLinker {
    /// A function of the host's by the way that a component lowered it.
    ///
    /// - Parameter made: of a function that the host has.
    func lowered(
        _ function: ImportedFunction, _ options: CanonicalOptions, _ made: (HostFunction, Lowering) -> Made
    ) throws -> Made {
        // Functions outside any interface are looked up in the one without a name.
        let interface = HostInterfaceKey(function.interface)
        let label = FunctionLabel.imported(function.interface, function.name)
        if let denial = function.denial {
            let denied = DeniedFunction(
                type: function.type, denial: denial, lowering: self.lowering(label, options))
            return (DeniedFunction.callback, denied)
        }
        let imports = function.dependency.map { "its dependency \"\($0)\" imports" } ?? "it imports"
        switch self.registry.resolve(
            interface: interface.name, version: interface.version, function: function.name)
        {
        case .function(let host):
            guard host.signature == function.signature else {
                throw LinkError(
                    component: self.name,
                    "\(imports) \(label) as\n  \(function.signature)\nbut the host provides\n  \(host.signature)")
            }
            return made(host, self.lowering(label, options))
        case .notProvidedYet:
            return (RuntimeTrampoline.Missing.callback, RuntimeTrampoline.Missing(label))
        case .unknownInterface where interface.name.isEmpty:
            throw LinkError(
                component: self.name,
                "\(imports) the function \"\(function.name)\" outside any interface, which nobody provides")
        case .unknownInterface:
            throw LinkError(
                component: self.name, "\(imports) \(label), but nobody provides the interface \(interface.name)")
        case .unknownVersion(let offered):
            let versions = offered.map { "\($0.from) up to but not including \($0.below)" }.joined(separator: ", ")
            throw LinkError(
                component: self.name,
                "\(imports) \(interface.name) in version \(interface.version ?? "(none)"); "
                    + "offered are \(versions.isEmpty ? "those without a version" : versions)")
        case .unknownFunction:
            throw LinkError(
                component: self.name, "\(imports) \(label), which the interface as provided here does not have")
        }
    }

    func copied(
        _ function: HostFunction, _ type: ComponentFunctionType, caller: Lowering, _ host: HostCopies
    ) -> CopiedHostCall {
        let options = self.plan.options[host.options]
        return CopiedHostCall(
            function: function, type: type, caller: caller, host: self.lowering(caller.label, options),
            memory: options.memory.map { self.memorySlots[$0] } ?? 0, copies: self.slots(host.copies))
    }
}

/// What the host's registry knows an import's interface by.
struct HostInterfaceKey: CustomStringConvertible {
    /// Empty for the root of a component.
    let name: String
    let version: String?

    init(_ name: ExternName?) {
        self.name = name?.interface?.unversioned ?? name?.text ?? ""
        self.version = name?.interface?.version
    }

    var description: String { self.version.map { "\(self.name)@\($0)" } ?? self.name }
}
