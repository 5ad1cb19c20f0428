/// Flattens a component by instantiating it abstractly: index spaces hold items instead of running instances.
///
/// One planner plans one component. Extensions hold the parts: types, definitions, canonical functions, matching.
final class Planner {
    let bytes: UnsafeRawBufferPointer
    var plan = ComponentPlan()
    var scopes: [Scope] = []
    var instances: [InstanceItem] = []
    var functions: [FunctionItem] = []
    var coreInstances: [CoreInstanceItem] = []
    var resourceNames: [String] = []
    /// The component instance whose definitions are at work.
    var enclosing: Int?
    /// Offset of the definition at work, for messages.
    var offset = 0
    let budget: Budget
    let valueBudget = Budget(Limits.encodedValues, of: "the values that are defined")

    /// Of the modules of the plan.
    private(set) var summaries: [CoreModuleSummary] = []
    private var plannedModules: [CoreModuleItem: Int] = [:]
    private var memorySlots: [CoreDefinition: Int] = [:]
    /// Memory slot; see ``roomOptions(for:)``.
    var room: Int?
    private var functionSlots: [CoreDefinition: Int] = [:]
    private var tableSlots: [CoreDefinition: Int] = [:]
    private var optionIndices: [CanonicalOptions: Int] = [:]
    private var trampolineIndices: [Trampoline: Int] = [:]
    private var constantIndices: [EncodedValue: Int] = [:]

    /// Core modules of the file by where they start, as validation found them.
    private let scanned: [Int: CoreModuleSummary]

    /// Resource types of the host that several components share; nil while there is only one component.
    var hostResources: [HostResourceKey: ResourceID]?
    /// What is wrong with a composition, where an error says less.
    var compositionFault: CompositionError?

    /// - Parameter components: how many are planned as one.
    init(_ bytes: UnsafeRawBufferPointer, modules: [Int: CoreModuleSummary], components: Int = 1) {
        self.bytes = bytes
        self.scanned = modules
        self.budget = Budget(
            Limits.planningWork * max(1, components), of: "the component's types and instances")
    }

    func plan(_ syntax: ComponentSyntax) throws(ComponentError) -> ComponentPlan {
        let root = ComponentItem(syntax: syntax, scope: nil, mark: ScopeMark())
        return try self.finish(try self.instantiate(root, imports: .host, depth: 0))
    }

    /// The plan, when everything is instantiated.
    func finish(_ instance: Int) throws(ComponentError) -> ComponentPlan {
        self.plan.exports = try self.exports(of: instance, depth: 0)
        self.plan.leaveFlags = Array(repeating: nil, count: self.plan.componentInstances)
        return self.plan
    }

    func invalid(_ message: String) -> ComponentError {
        ComponentError(.invalid, message, offset: self.offset)
    }

    func unsupported(_ message: String) -> ComponentError {
        ComponentError(.unsupported, message, offset: self.offset)
    }

    func spend(_ amount: Int) throws(ComponentError) {
        try self.budget.spend(amount, at: self.offset)
    }

    /// The element of an index space.
    func lookUp<Element>(_ space: [Element], _ index: UInt32, _ what: @autoclosure () -> String)
        throws(ComponentError) -> Element
    {
        guard let element = space[checked: index] else { throw self.invalid("there is no \(what()) \(index)") }
        return element
    }

    // MARK: Entries of the plan, made once each

    /// The module's place in the plan.
    func module(_ item: CoreModuleItem) throws(ComponentError) -> Int {
        if let known = self.plannedModules[item] { return known }
        guard let summary = self.scanned[item.range.lowerBound] else {
            throw self.invalid("there is no core module at byte \(item.range.lowerBound)")
        }
        let index = self.plan.coreModules.count
        self.plan.coreModules.append(
            .init(
                byteRange: item.range, name: summary.name ?? item.name, definedMemories: summary.definedMemories,
                largestMemory: summary.largestMemory))
        self.summaries.append(summary)
        self.plannedModules[item] = index
        return index
    }

    /// A module that is none of the file, which imports and exports nothing that the planner asks for.
    func addGenerated(_ module: [UInt8], name: String, definedMemories: Int = 0) -> Int {
        self.plan.coreModules.append(
            .init(byteRange: 0..<0, name: name, definedMemories: definedMemories, generated: module))
        self.summaries.append(CoreModuleSummary())
        return self.plan.coreModules.count - 1
    }

    func memorySlot(_ definition: CoreDefinition) -> Int {
        Planner.index(of: definition, in: &self.plan.memories, known: &self.memorySlots)
    }

    func functionSlot(_ definition: CoreDefinition) -> Int {
        Planner.index(of: definition, in: &self.plan.functions, known: &self.functionSlots)
    }

    func tableSlot(_ definition: CoreDefinition) -> Int {
        Planner.index(of: definition, in: &self.plan.tables, known: &self.tableSlots)
    }

    func optionsIndex(_ options: CanonicalOptions) -> Int {
        Planner.index(of: options, in: &self.plan.options, known: &self.optionIndices)
    }

    func constant(_ value: EncodedValue) -> PlanValue {
        .constant(Planner.index(of: value, in: &self.plan.constants, known: &self.constantIndices))
    }

    /// A trampoline as a core function.
    func trampoline(_ kind: Trampoline.Kind, _ type: CoreFunctionType) -> CoreItem {
        let trampoline = Trampoline(kind: kind, type: type)
        let index = Planner.index(of: trampoline, in: &self.plan.trampolines, known: &self.trampolineIndices)
        return CoreItem(kind: .function(type), definition: .trampoline(index))
    }

    func addResource(_ resource: PlanResource) throws(ComponentError) -> ResourceID {
        let id = ResourceID(self.plan.resources.count)
        let name = ComponentPlan.name(of: resource, index: id.index)
        try self.spend(Limits.workOfDefinition + Limits.work(ofText: name))
        self.plan.resources.append(resource)
        self.resourceNames.append(name)
        return id
    }

    /// A resource type that the host supplies.
    func addHostResource(_ interface: ExternName?, _ name: String) throws(ComponentError) -> ResourceID {
        let key = HostResourceKey(interface, name)
        if let known = self.hostResources?[key] { return known }
        let id = try self.addResource(.imported(interface: interface, name: name))
        self.hostResources?[key] = id
        return id
    }

    func addFunction(_ type: ResolvedFunctionType, _ origin: FunctionItem.Origin) -> Int {
        self.functions.append(FunctionItem(type: type, origin: origin))
        return self.functions.count - 1
    }

    func addInstance(_ instance: InstanceItem) -> Int {
        self.instances.append(instance)
        return self.instances.count - 1
    }

    private static func index<Element: Hashable>(
        of element: Element, in elements: inout [Element], known: inout [Element: Int]
    ) -> Int {
        if let index = known[element] { return index }
        let index = elements.count
        elements.append(element)
        known[element] = index
        return index
    }

    /// The text of a type. What it takes is paid for: resources and labels may have long names.
    func signature(_ write: (inout SignatureWriter) -> Void) throws(ComponentError) -> String {
        var writer = SignatureWriter(resourceNames: self.resourceNames)
        write(&writer)
        guard !writer.isTooLong else {
            throw self.unsupported(
                "too large: a type whose text takes more than 1 MiB, all types and names in it written out")
        }
        try self.spend(Limits.work(ofText: writer.text))
        return writer.text
    }

    /// The imported function's place in the plan.
    func importedFunction(_ function: Int) throws(ComponentError) -> Int? {
        let item = self.functions[function]
        switch item.origin {
        case .lifted: return nil
        case .imported(let interface, let name, let importer):
            if let planned = item.planned { return planned }
            try self.spend(item.type.nodes)
            let index = self.plan.importedFunctions.count
            let signature = try self.signature { $0.write(item.type.type) }
            self.plan.importedFunctions.append(
                ImportedFunction(
                    interface: interface, name: name, type: item.type.type, signature: signature,
                    dependency: importer?.dependency, denial: importer?.denial))
            self.functions[function].planned = index
            return index
        }
    }

    /// The lifted function; `nil` if the function is imported.
    func liftedFunction(_ function: Int) throws(ComponentError) -> LiftedFunction? {
        let item = self.functions[function]
        if let lifted = item.lifted { return lifted }
        guard case .lifted(let callee, let options) = item.origin else { return nil }
        try self.spend(item.type.nodes)
        let type = item.type.type
        let canonical = self.plan.options[options]
        let lifted = LiftedFunction(
            callee: callee, options: options, type: type,
            coreType: type.liftedCoreType(
                canonical.addressType, isAsync: canonical.isAsync, hasCallback: canonical.callback != nil),
            signature: try self.signature { $0.write(type) })
        self.functions[function].lifted = lifted
        return lifted
    }

    // MARK: Exports of the root

    private func exports(of instance: Int, depth: Int) throws(ComponentError) -> [PlanExport] {
        guard depth < Limits.nesting else { throw self.unsupported("exported instances nest too deeply") }
        let item = self.instances[instance]
        try self.spend(item.names.count * Limits.workOfExport)
        var exports: [PlanExport] = []
        exports.reserveCapacity(item.names.count)
        for name in item.names {
            guard let exported = item.items[name.text] else { continue }
            let kind: PlanExport.Kind
            switch exported {
            case .function(let function):
                if let lifted = try self.liftedFunction(function) {
                    kind = .function(lifted)
                } else if let imported = try self.importedFunction(function) {
                    kind = .importedFunction(imported)
                } else {
                    continue
                }
            case .instance(let nested): kind = .instance(try self.exports(of: nested, depth: depth + 1))
            case .type(.resource(let resource)): kind = .resource(resource)
            case .type: kind = .type
            case .value(let value): kind = .value(value.value, value.type)
            case .component: kind = .component
            case .coreModule: kind = .coreModule
            }
            exports.append(PlanExport(name: name, kind: kind))
        }
        return exports
    }
}
