/// The module's instance, and what it imports.
extension CoreModulePlanner {
    private static let initialize = "_initialize"
    private static let root = "$root"
    /// Precedes the interface of built-ins that belong to an export.
    private static let exportPrefix = "[export]"

    mutating func instantiate() throws(ComponentError) {
        let module = try self.planner.module(CoreModuleItem(range: self.range, name: nil))
        try self.planner.spend(self.summary.imports.count * Limits.workOfCoreImport)
        var imports: [ComponentPlan.CoreImport] = []
        for wanted in self.summary.imports {
            let item = try self.supply(wanted)
            try self.planner.check(item, supplies: wanted, of: self.summary)
            imports.append(.init(module: wanted.module, name: wanted.name, source: self.early(item)))
        }
        if let shim = self.shim {
            let table = self.planner.addGenerated(shim.shim, name: "calls")
            self.planner.plan.steps.append(.instantiate(module: table, imports: []))
        }
        self.planner.plan.steps.append(.instantiate(module: module, imports: imports))
        if let shim = self.shim {
            let fixup = self.planner.addGenerated(shim.fixup, name: "fixup of calls")
            self.planner.plan.steps.append(.instantiate(module: fixup, imports: shim.fixupImports))
        }
        guard let kind = self.summary.kind(ofExport: Self.initialize) else { return }
        try self.planner.expect(self.item(Self.initialize, kind), CoreFunctionType([]), "the function _initialize")
        self.planner.plan.steps.append(
            .instantiate(
                module: self.planner.addGenerated(Self.initializer, name: Self.initialize),
                imports: [
                    .init(module: "", name: "i", source: self.item(Self.initialize, kind).definition)
                ]))
    }

    /// What the module can import before its own instance is up.
    private mutating func early(_ item: CoreItem) -> CoreDefinition {
        guard case .trampoline(let index) = item.definition, case .function(let type?) = item.kind,
            case .lowerLifted = self.planner.plan.trampolines[index].kind
        else { return item.definition }
        return self.shim?.add(item.definition, type) ?? item.definition
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
            return try self.planner.lower(
                index, self.options[self.firstScope] ?? CanonOptionsSyntax(), in: self.firstScope)
        }
        if wanted.module.hasPrefix(Self.exportPrefix) {
            let interface = String(wanted.module.dropFirst(Self.exportPrefix.count))
            guard let intrinsic = CoreIntrinsic(wanted.name) else { throw self.unknown(wanted) }
            let items = self.exports.filter { $0.name.text == interface }.map { ($0.scope, $0.item) }
            let functions = interface == Self.root ? self.exports.map { ($0.scope, $0.name.text, $0.item) } : []
            return try self.supply(wanted, by: intrinsic) { name in
                interface == Self.root
                    ? functions.first { $0.1 == name }.map { ($0.0, $0.2) } : self.member(name, of: items)
            }
        }
        if wanted.module == Self.root { return try self.supplyAtRoot(wanted) }
        guard let items = self.imports[wanted.module] else {
            // A module of the host, such as preview 1: what it has is found out when the plan is linked.
            guard case .function(let type?) = self.summary.kind(of: wanted.type) else {
                throw self.planner.invalid(
                    "core import '\(wanted.module)' '\(wanted.name)' is no function that the host could supply")
            }
            return self.planner.trampoline(
                .hostFunction(
                    module: wanted.module, name: wanted.name, componentInstance: self.componentInstance), type)
        }
        if let function = try self.lowered(wanted.name, find: { self.member($0, of: items) }) { return function }
        guard let intrinsic = CoreIntrinsic(wanted.name) else { throw self.unknown(wanted) }
        return try self.supply(wanted, by: intrinsic) { self.member($0, of: items) }
    }

    private func supplyAtRoot(_ wanted: CoreModuleSummary.Import) throws(ComponentError) -> CoreItem {
        let find = { (name: String) in self.imports[name]?.first }
        if let function = try self.lowered(wanted.name, find: find) { return function }
        guard let intrinsic = CoreIntrinsic(wanted.name) else { throw self.unknown(wanted) }
        return try self.supply(wanted, by: intrinsic, find: find)
    }

    /// An item of an interface, with the scope that it is in.
    private func member(_ name: String, of items: [(scope: Int, item: Item)]) -> (scope: Int, item: Item)? {
        for (scope, item) in items {
            guard case .instance(let instance) = item,
                let member = self.planner.instances[instance].items[name]
            else { continue }
            return (scope, member)
        }
        return nil
    }

    private func unknown(_ wanted: CoreModuleSummary.Import) -> ComponentError {
        self.planner.invalid(
            "core import '\(wanted.module)' '\(wanted.name)' is nothing that the module's world has")
    }

    // MARK: Functions

    /// The function of that name, lowered; nil when there is none.
    private func lowered(
        _ coreName: String, find: (String) -> (scope: Int, item: Item)?
    ) throws(ComponentError) -> CoreItem? {
        let isAsync = coreName.hasPrefix(CoreIntrinsic.asyncPrefix)
        let name = isAsync ? String(coreName.dropFirst(CoreIntrinsic.asyncPrefix.count)) : coreName
        guard let (scope, item) = find(name), case .function(let function) = item else { return nil }
        var options = self.options[scope] ?? CanonOptionsSyntax()
        options.isAsync = isAsync
        return try self.planner.lower(function, options, in: scope)
    }

    // MARK: Built-ins

    /// - Parameter find: the item of a name, where the import's module is.
    private func supply(
        _ wanted: CoreModuleSummary.Import, by intrinsic: CoreIntrinsic, find: (String) -> (scope: Int, item: Item)?
    ) throws(ComponentError) -> CoreItem {
        switch intrinsic {
        case .resourceDrop(let name):
            guard case .type(.resource(let id))? = find(name)?.item else { throw self.unknown(wanted) }
            return self.planner.trampoline(
                .resourceDrop(resource: id, componentInstance: self.componentInstance), .resourceDrop)
        case .builtin(let builtin):
            return try self.planner.builtin(builtin, in: self.firstScope, self.componentInstance)
        case .errorContext(let isNew, let encoding):
            var options = self.options[self.firstScope] ?? CanonOptionsSyntax()
            options.encoding = encoding
            let syntax = BuiltinSyntax(
                name: isNew ? "error-context.new" : "error-context.debug-message",
                kind: isNew ? .errorContextNew(options) : .errorContextMessage(options))
            return try self.planner.builtin(syntax, in: self.firstScope, self.componentInstance)
        case .waitableSet(let isWaiting, let isCancellable):
            guard self.options[self.firstScope]?.memory != nil else { throw self.withoutMemory(wanted) }
            let syntax = BuiltinSyntax(
                name: isWaiting ? "waitable-set.wait" : "waitable-set.poll", kind: .waitableSet(memory: 0),
                isCancellable: isCancellable)
            return try self.planner.builtin(syntax, in: self.firstScope, self.componentInstance)
        case .taskReturn(let name):
            guard let (scope, item) = find(name), case .function(let function) = item else {
                throw self.unknown(wanted)
            }
            let result = self.planner.functions[function].type.type.result.map { self.index(of: $0, in: scope) }
            let syntax = BuiltinSyntax(
                name: "task.return",
                kind: .taskReturn(
                    result: result.map { .index($0) }, options: self.options[scope] ?? CanonOptionsSyntax()))
            return try self.planner.builtin(syntax, in: scope, self.componentInstance)
        case .transfer(let transfer, let index, let name):
            return try self.transfer(transfer, index, find(name), wanted)
        }
    }

    private func transfer(
        _ transfer: CoreIntrinsic.Transfer, _ index: Int?, _ found: (scope: Int, item: Item)?,
        _ wanted: CoreModuleSummary.Import
    ) throws(ComponentError) -> CoreItem {
        let scope = found?.scope ?? self.firstScope
        let type: ValueType
        if let index {
            guard case .function(let function)? = found?.item else { throw self.unknown(wanted) }
            let declared = self.planner.functions[function].type
            try self.planner.spend(declared.nodes)
            var types: [ValueType] = []
            for parameter in declared.type.parameters { parameter.type.appendTransfers(to: &types) }
            declared.type.result?.appendTransfers(to: &types)
            guard types.indices.contains(index) else { throw self.unknown(wanted) }
            type = types[index]
        } else {
            type = transfer.kind == .stream ? .stream(nil) : .future(nil)
        }
        var options = self.options[scope] ?? CanonOptionsSyntax()
        options.isAsync = transfer.isAsync
        let syntax = BuiltinSyntax(
            name: transfer.name,
            kind: .transfer(
                transfer.kind, transfer.operation, type: self.index(of: type, in: scope), options: options))
        return try self.planner.builtin(syntax, in: scope, self.componentInstance)
    }

    /// A type as one of a scope, which built-ins refer to by its index.
    private func index(of type: ValueType, in scope: Int) -> UInt32 {
        let index = self.planner.scopes[scope].types.count
        self.planner.scopes[scope].types.append(.value(ResolvedType(type)))
        return UInt32(index)
    }

    private func withoutMemory(_ wanted: CoreModuleSummary.Import) -> ComponentError {
        self.planner.invalid("core import '\(wanted.module)' '\(wanted.name)' needs the export 'memory'")
    }
}
