/// Plans a core module as the component that tools would make of it: the functions of its world are lowered and lifted, and
/// preview 1 is the host's.
///
/// The world is what the module itself says (as `wasm-tools component new` does it), or follows from a convention.
///
/// No shim and no adapter module comes into being: a plan's memory slots are filled when the module's instance is up.
struct CoreModulePlanner {
    /// Where the module stands in the plan.
    private static let instance = 0
    private static let realloc = "cabi_realloc"

    let planner: Planner
    let summary: CoreModuleSummary
    let range: Range<Int>
    let convention: CoreModuleConvention?
    /// What the worlds import, by name: the scope, and the item there. Several worlds may have parts of an interface.
    private(set) var imports: [String: [(scope: Int, item: Item)]] = [:]
    /// What they export.
    private(set) var exports: [(scope: Int, name: ExternName, item: Item)] = []
    /// What the module calls its exports, where that is not what the world calls them.
    private(set) var coreNames: [String: String] = [:]
    /// Of each scope: options with the module's memory and allocator.
    private(set) var options: [Int: CanonOptionsSyntax] = [:]

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
                if self.imports[syntax.name.text] == nil { self.planner.plan.imports.append(syntax.name) }
                self.imports[syntax.name.text, default: []].append((scope, item))
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

    func item(_ name: String, _ kind: CoreModuleSummary.Kind) -> CoreItem {
        CoreItem(kind: kind, definition: .export(instance: Self.instance, name: name))
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
