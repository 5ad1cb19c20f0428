/// Core instances become steps of the plan.
extension Planner {
    func coreInstance(_ syntax: CoreInstanceSyntax, in scope: Int) throws(ComponentError) -> CoreInstanceItem {
        switch syntax {
        case .instantiate(let index, let arguments):
            let item = try self.lookUp(self.scopes[scope].coreModules, index, "core module")
            var instances: [CoreName: CoreInstanceItem] = [:]
            try self.spend(arguments.count)
            for argument in arguments {
                let instance = try self.lookUp(
                    self.scopes[scope].coreInstances, argument.instance, "core instance")
                guard instances.updateValue(self.coreInstances[instance], forKey: CoreName(argument.name)) == nil else {
                    throw self.invalid("two arguments of a core module are named '\(argument.name)'")
                }
            }
            return try self.instantiate(item, arguments: instances)
        case .exports(let exports):
            var items: [CoreName: CoreItem] = [:]
            items.reserveCapacity(exports.count)
            try self.spend(exports.count * Limits.workOfCoreExport)
            for export in exports {
                let item = try self.coreItem(export.sort, export.index, in: scope)
                guard items.updateValue(item, forKey: CoreName(export.name)) == nil else {
                    throw self.invalid("two exports of a core instance are named '\(export.name)'")
                }
            }
            return .exports(items)
        }
    }

    private func coreItem(_ sort: CoreSort, _ index: UInt32, in scope: Int) throws(ComponentError) -> CoreItem {
        let space: [CoreItem]
        switch sort {
        case .function: space = self.scopes[scope].coreFunctions
        case .table: space = self.scopes[scope].coreTables
        case .memory: space = self.scopes[scope].coreMemories
        case .global: space = self.scopes[scope].coreGlobals
        case .tag: space = self.scopes[scope].coreTags
        case .type, .module, .instance: throw self.invalid("a core instance cannot export a core \(sort)")
        }
        return try self.lookUp(space, index, "core \(sort)")
    }

    private func instantiate(_ module: CoreModuleItem, arguments: [CoreName: CoreInstanceItem])
        throws(ComponentError) -> CoreInstanceItem
    {
        guard self.plan.steps.count < Limits.coreInstances else {
            throw self.unsupported("more than \(Limits.coreInstances) core instances")
        }
        let planned = try self.module(module)
        let summary = self.summaries[planned]
        // Bounds what many instances of a module with many imports would allocate.
        try self.spend(summary.imports.count * Limits.workOfCoreImport)
        var imports: [ComponentPlan.CoreImport] = []
        imports.reserveCapacity(summary.imports.count)
        for wanted in summary.imports {
            guard let instance = arguments[CoreName(wanted.module)] else {
                throw self.invalid(
                    "core module \(summary.name ?? "\(planned)") imports from '\(wanted.module)', "
                        + "which its instantiation does not supply")
            }
            guard let item = instance.item(named: wanted.name) else {
                throw self.invalid(
                    "core module \(summary.name ?? "\(planned)") imports '\(wanted.name)' from '\(wanted.module)', "
                        + "which the instance supplied for it does not export")
            }
            try self.check(item, supplies: wanted, of: summary)
            imports.append(.init(module: wanted.module, name: wanted.name, source: item.definition))
        }
        let instance = self.plan.steps.count
        self.plan.steps.append(.instantiate(module: planned, imports: imports))
        return .instantiated(instance, summary)
    }
}
