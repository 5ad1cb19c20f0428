/// Plans a core module as the component that tools would make of it: the functions of its world are lowered and lifted,
/// and preview 1 is the host's.
///
/// The world is what the module itself says (as `wasm-tools component new` does it), or follows from a convention.
///
/// No shim and no adapter module comes into being: a plan's memory slots are filled when the module's instance is up.
struct CoreModulePlanner {
    private static let realloc = "cabi_realloc"

    let planner: Planner
    let module: ModuleSyntax
    let range: Range<Int>
    /// Where the functions of its worlds come from.
    private let source: ImportSource
    let componentInstance: Int
    /// Where the module will stand in the plan.
    private let instance: Int
    /// For calls of other components, where there are any that the module might call.
    var shim: CallShim?
    /// What the worlds import, by name: the scope, and the item there. Several worlds may have parts of an interface.
    private(set) var imports: [String: [(scope: Int, item: Item)]] = [:]
    /// What they export.
    private(set) var exports: [(scope: Int, name: ExternName, item: Item)] = []
    /// What the module calls its exports, where that is not what the world calls them.
    private(set) var coreNames: [String: String] = [:]
    /// Of each scope: options with the module's memory and allocator.
    private(set) var options: [Int: CanonOptionsSyntax] = [:]
    /// The first scope of the module.
    private(set) var firstScope = 0

    var summary: CoreModuleSummary { self.module.summary }
    var convention: CoreModuleConvention? { self.module.convention }

    /// - Parameter range: where the module's bytes are.
    init(_ planner: Planner, _ module: ModuleSyntax, range: Range<Int>, imports: ImportSource) throws(ComponentError) {
        guard module.summary.kind(ofExport: "memory")?.addressType != .i64 else {
            throw planner.unsupported(
                "a core module with a 64-bit memory, which no tool makes: a component may have one")
        }
        self.planner = planner
        self.module = module
        self.range = range
        self.source = imports
        let step = planner.plan.steps.count
        if case .composed(let plugged) = imports, !plugged.supplies.isEmpty { self.shim = CallShim(step: step) }
        self.instance = self.shim == nil ? step : step + 1
        self.componentInstance = try planner.addComponentInstance()
    }

    /// - Returns: the component instance with all exports.
    mutating func plan() throws(ComponentError) -> Int {
        let enclosing = self.planner.enclosing
        self.planner.enclosing = self.componentInstance
        defer { self.planner.enclosing = enclosing }
        self.firstScope = self.planner.scopes.count
        for world in self.module.worlds { try self.add(world) }
        if let convention = self.convention { self.addExports(by: convention) }
        try self.instantiate()
        return try self.lift()
    }

    private mutating func addExports(by convention: CoreModuleConvention) {
        let scope = self.addScope()
        for name in self.summary.exports.names {
            guard let function = convention.exports[name] else { continue }
            var instance = InstanceItem()
            let index = self.planner.addFunction(
                ResolvedFunctionType(plain: function.type),
                .imported(interface: function.interface, name: function.name.text))
            _ = instance.add(function.name, .function(index))
            self.exports.append((scope, function.interface, .instance(self.planner.addInstance(instance))))
            self.coreNames["\(function.interface)#\(function.name)"] = name
        }
    }

    // MARK: Worlds

    private mutating func add(_ world: ModuleWorld) throws(ComponentError) {
        let scope = self.addScope(world.encoding)
        for declaration in world.declarations.declarations {
            self.planner.offset = declaration.offset
            try self.planner.spend(1)
            switch declaration.kind {
            case .coreType(let syntax): try self.planner.coreType(syntax, in: scope)
            case .type(let syntax):
                let type = try self.planner.type(syntax, in: scope)
                self.planner.scopes[scope].types.append(type)
            case .alias(let alias): try self.planner.alias(alias, in: scope)
            case .import(let syntax):
                let item = try self.planner.imported(syntax, in: scope, from: self.source)
                self.planner.scopes[scope].add(item)
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
        self.planner.scopes.append(Scope(parent: nil, mark: ScopeMark(), componentInstance: self.componentInstance))
        self.options[scope] = self.addOptions(to: scope, encoding)
        return scope
    }

    /// The module's memory and allocator as the first core items of a scope.
    private func addOptions(to scope: Int, _ encoding: StringEncoding) -> CanonOptionsSyntax {
        var options = CanonOptionsSyntax(encoding: encoding)
        if let kind = self.summary.kind(ofExport: "memory"), case .memory = kind {
            self.planner.scopes[scope].add(self.item("memory", kind))
            options.memory = 0
        }
        guard options.memory != nil else { return options }
        for name in self.convention?.reallocs ?? [Self.realloc] {
            guard let kind = self.summary.kind(ofExport: name), case .function = kind else { continue }
            self.planner.scopes[scope].add(self.item(name, kind))
            options.realloc = 0
            break
        }
        return options
    }

    func item(_ name: String, _ kind: CoreModuleSummary.Kind) -> CoreItem {
        CoreItem(kind: kind, definition: .export(instance: self.instance, name: name))
    }
}

extension ComponentDecoder {
    /// Flattens a core module as if it were the component that tools make of it: of the worlds that it says it was made
    /// for, or by `convention`.
    ///
    /// - Returns: nil for a module that neither says so nor follows the convention.
    package static func plan(
        coreModule bytes: UnsafeRawBufferPointer, convention: CoreModuleConvention? = nil
    ) throws(ComponentError) -> ComponentPlan? {
        let range = 0..<bytes.count
        guard let module = try ModuleSyntax(bytes, range: range, convention: convention) else { return nil }
        let planner = Planner(bytes, modules: [0: module.summary])
        planner.hostResources = [:]
        var modulePlanner = try CoreModulePlanner(planner, module, range: range, imports: .host)
        return try planner.finish(try modulePlanner.plan())
    }
}
