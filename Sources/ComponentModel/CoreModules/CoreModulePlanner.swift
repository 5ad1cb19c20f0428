/// Plans a core module as the component that tools would make of it: the functions of its world are lowered and lifted, and
/// preview 1 is the host's.
///
/// The world is what the module itself says (as `wasm-tools component new` does it), or follows from a convention.
///
/// No shim and no adapter module comes into being: a plan's memory slots are filled when the module's instance is up.
struct CoreModulePlanner {
    /// Where the module stands in the plan.
    private static let instance = 0
    private static let initialize = "_initialize"
    private static let realloc = "cabi_realloc"

    private let planner: Planner
    private let summary: CoreModuleSummary
    private let range: Range<Int>
    private let convention: CoreModuleConvention?
    /// What the worlds have, by the names of their imports and exports: the scope, and the item there.
    private var imports: [String: (scope: Int, item: Item)] = [:]
    private var exports: [(scope: Int, name: ExternName, item: Item)] = []
    /// What the module calls its exports, where that is not what the world calls them.
    private var coreNames: [String: String] = [:]
    /// Of each scope: options with the module's memory and allocator.
    private var options: [Int: CanonOptionsSyntax] = [:]

    /// - Parameter convention: for a module that does not say which world it was made for.
    init(_ bytes: UnsafeRawBufferPointer, convention: CoreModuleConvention? = nil) throws(ComponentError) {
        self.range = 0..<bytes.count
        self.summary = try CoreModuleScanner.scan(bytes, range: self.range, store: Validator(bytes).arena.coreTypes)
        self.planner = Planner(bytes, modules: [0: self.summary])
        self.planner.hostResources = [:]
        self.convention = convention
        self.planner.plan.componentInstances = 1
        self.planner.plan.componentParents = [nil]
        self.planner.enclosing = 0
    }

    mutating func plan(_ worlds: [ModuleWorld]) throws(ComponentError) -> ComponentPlan {
        for world in worlds { try self.add(world) }
        try self.instantiate()
        return try self.planner.finish(try self.lift())
    }

    /// - Returns: nil when the module exports nothing that the convention knows.
    mutating func planByConvention() throws(ComponentError) -> ComponentPlan? {
        guard let convention = self.convention else { return nil }
        let names = self.summary.exports.names.filter { convention.exports[$0] != nil }
        guard !names.isEmpty else { return nil }
        let scope = self.addScope()
        for name in names {
            guard let function = convention.exports[name] else { continue }
            var instance = InstanceItem()
            let index = self.planner.addFunction(
                ResolvedFunctionType(plain: function.type),
                .imported(interface: function.interface, name: function.name.text))
            _ = instance.add(function.name, .function(index))
            self.exports.append((scope, function.interface, .instance(self.planner.addInstance(instance))))
            self.coreNames["\(function.interface)#\(function.name)"] = name
        }
        try self.instantiate()
        return try self.planner.finish(try self.lift())
    }

    // MARK: Worlds

    private mutating func add(_ world: ModuleWorld) throws(ComponentError) {
        let scope = self.addScope(world.encoding)
        for declaration in world.declarations.declarations {
            self.planner.offset = declaration.offset
            try self.planner.spend(1)
            switch declaration.kind {
            case .coreType(let syntax): self.planner.scopes[scope].coreTypes += syntax.count
            case .type(let syntax):
                let type = try self.planner.type(syntax, in: scope)
                self.planner.scopes[scope].types.append(type)
            case .alias(let alias): try self.planner.alias(alias, in: scope)
            case .import(let syntax):
                let item = try self.planner.hostImport(syntax, in: scope, by: nil)
                self.planner.scopes[scope].add(item)
                if self.imports.updateValue((scope, item), forKey: syntax.name.text) == nil {
                    self.planner.plan.imports.append(syntax.name)
                }
            case .export(let syntax):
                let resources = self.planner.plan.resources.count
                let item = try self.planner.hostImport(syntax, in: scope, by: nil)
                guard self.planner.plan.resources.count == resources else {
                    throw self.planner.unsupported(
                        "a core module whose world exports resources ('\(syntax.name)'); make a component of it: "
                            + "`wasm-tools component new`")
                }
                self.planner.scopes[scope].add(item)
                self.exports.append((scope, syntax.name, item))
            }
        }
    }

    private mutating func addScope(_ encoding: StringEncoding = .utf8) -> Int {
        let scope = self.planner.scopes.count
        self.planner.scopes.append(Scope(parent: nil, mark: ScopeMark(), componentInstance: 0))
        self.options[scope] = self.addOptions(to: scope, encoding)
        return scope
    }

    /// The module's memory and allocator as the first core items of a scope.
    private func addOptions(to scope: Int, _ encoding: StringEncoding) -> CanonOptionsSyntax {
        var options = CanonOptionsSyntax(encoding: encoding)
        if let kind = self.summary.exports["memory"], case .memory = kind {
            self.planner.scopes[scope].add(self.item("memory", kind))
            options.memory = 0
        }
        guard options.memory != nil else { return options }
        for name in self.convention?.reallocs ?? [Self.realloc] {
            guard let kind = self.summary.exports[name], case .function = kind else { continue }
            self.planner.scopes[scope].add(self.item(name, kind))
            options.realloc = 0
            break
        }
        return options
    }

    private func item(_ name: String, _ kind: CoreModuleSummary.Kind) -> CoreItem {
        CoreItem(kind: kind, definition: .export(instance: Self.instance, name: name))
    }

    // MARK: The module

    private func instantiate() throws(ComponentError) {
        let module = try self.planner.module(CoreModuleItem(range: self.range, name: nil))
        try self.planner.spend(self.summary.imports.count * Limits.workOfCoreImport)
        var imports: [ComponentPlan.CoreImport] = []
        for wanted in self.summary.imports {
            let item = try self.supply(wanted)
            try self.planner.check(item, supplies: wanted)
            imports.append(.init(module: wanted.module, name: wanted.name, source: item.definition))
        }
        self.planner.plan.steps.append(.instantiate(module: module, imports: imports))
        guard let kind = self.summary.exports[Self.initialize] else { return }
        try self.planner.expect(self.item(Self.initialize, kind), CoreFunctionType([]), "the function _initialize")
        self.planner.plan.steps.append(
            .instantiate(
                module: self.planner.plan.coreModules.count,
                imports: [
                    .init(module: "", name: "i", source: .export(instance: Self.instance, name: Self.initialize))
                ]))
        self.planner.plan.coreModules.append(
            .init(byteRange: 0..<0, name: Self.initialize, definedMemories: 0, generated: Self.initializer))
    }

    /// `(module (import "" "i" (func)) (start 0))`
    private static let initializer: [UInt8] =
        WasmKind.coreModulePreamble + [1, 4, 1, 0x60, 0, 0] + [2, 6, 1, 0, 1, 0x69, 0, 0] + [8, 1, 0]

    private func supply(_ wanted: CoreModuleSummary.Import) throws(ComponentError) -> CoreItem {
        if let function = self.convention?.imports[wanted.module]?[wanted.name] {
            let index = self.planner.addFunction(
                ResolvedFunctionType(plain: function.type),
                .imported(interface: function.interface, name: function.name.text))
            if !self.planner.plan.imports.contains(function.interface) {
                self.planner.plan.imports.append(function.interface)
            }
            return try self.lower(index, in: 0)
        }
        let (interface, function) = (wanted.module, wanted.name)
        let drop = "[resource-drop]"
        guard let (scope, item) = self.imports[interface == "$root" ? function : interface] else {
            // A module of the host, such as preview 1: what it has is found out when the plan is linked.
            guard case .function(let type?) = wanted.kind else {
                throw self.planner.invalid(
                    "core import '\(wanted.module)' '\(wanted.name)' is no function that the host could supply")
            }
            return self.planner.trampoline(.hostFunction(module: wanted.module, name: wanted.name), type)
        }
        if interface == "$root" {
            guard case .function(let index) = item else { throw self.unknown(wanted) }
            return try self.lower(index, in: scope)
        }
        guard case .instance(let instance) = item else { throw self.unknown(wanted) }
        let members = self.planner.instances[instance].items
        if function.hasPrefix(drop) {
            guard case .type(.resource(let id))? = members[String(function.dropFirst(drop.count))] else {
                throw self.unknown(wanted)
            }
            return self.planner.trampoline(.resourceDrop(resource: id, componentInstance: 0), .resourceDrop)
        }
        guard case .function(let index)? = members[function] else { throw self.unknown(wanted) }
        return try self.lower(index, in: scope)
    }

    private func unknown(_ wanted: CoreModuleSummary.Import) -> ComponentError {
        self.planner.invalid(
            "core import '\(wanted.module)' '\(wanted.name)' is nothing that the module's world imports")
    }

    private func lower(_ function: Int, in scope: Int) throws(ComponentError) -> CoreItem {
        try self.planner.lower(function, self.options[scope] ?? CanonOptionsSyntax(), in: scope)
    }

    // MARK: Exports

    /// The component instance with all exports.
    private func lift() throws(ComponentError) -> Int {
        var exported = InstanceItem()
        for (scope, name, item) in self.exports {
            let lifted: Item
            switch item {
            case .function(let function): lifted = .function(try self.lift(function, name.text, of: nil, in: scope))
            case .instance(let index):
                let declared = self.planner.instances[index]
                var instance = InstanceItem()
                for member in declared.names {
                    guard let item = declared.items[member.text] else { continue }
                    if case .function(let function) = item {
                        let lifted = try self.lift(function, member.text, of: name.text, in: scope)
                        _ = instance.add(member, .function(lifted))
                    } else {
                        _ = instance.add(member, item)
                    }
                }
                lifted = .instance(self.planner.addInstance(instance))
            default: lifted = item
            }
            // Worlds of one module may say the same twice.
            _ = exported.add(name, lifted)
        }
        return self.planner.addInstance(exported)
    }

    private func lift(
        _ function: Int, _ name: String, of interface: String?, in scope: Int
    ) throws(ComponentError) -> Int {
        let worldName = interface.map { "\($0)#\(name)" } ?? name
        let export = self.coreNames[worldName] ?? worldName
        guard let kind = self.summary.exports[export] else {
            throw self.planner.invalid("the module exports no function '\(export)', which its world has")
        }
        var options = self.options[scope] ?? CanonOptionsSyntax()
        if let kind = self.summary.exports["cabi_post_\(export)"], case .function = kind {
            options.postReturn = UInt32(self.planner.scopes[scope].coreFunctions.count)
            self.planner.scopes[scope].add(self.item("cabi_post_\(export)", kind))
        }
        return try self.planner.lift(
            self.item(export, kind), options, self.planner.functions[function].type, in: scope)
    }
}

extension ComponentDecoder {
    /// Flattens a core module as if it were the component that tools make of it: of the worlds that it says it was made for,
    /// or by `convention`.
    ///
    /// - Returns: nil for a module that neither says so nor follows the convention.
    package static func plan(
        coreModule bytes: UnsafeRawBufferPointer, convention: CoreModuleConvention? = nil
    ) throws(ComponentError) -> ComponentPlan? {
        let worlds = try ModuleWorld.all(in: bytes)
        guard worlds.isEmpty else {
            var planner = try CoreModulePlanner(bytes)
            return try planner.plan(worlds)
        }
        var planner = try CoreModulePlanner(bytes, convention: convention)
        return try planner.planByConvention()
    }
}
