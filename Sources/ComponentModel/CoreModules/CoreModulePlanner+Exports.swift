/// What the module exports: its functions, lifted.
extension CoreModulePlanner {
    private static let asyncPrefix = "[async-lift]"
    private static let stackfulPrefix = "[async-lift-stackful]"
    private static let callbackPrefix = "[callback]"

    /// The component instance with all exports.
    func lift() throws(ComponentError) -> Int {
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
        let plain = self.coreNames[worldName] ?? worldName
        var options = self.options[scope] ?? CanonOptionsSyntax()
        let (export, item) = try self.callee(plain)
        if export != plain {
            options.isAsync = true
            if export.hasPrefix(Self.asyncPrefix) {
                let callback = Self.callbackPrefix + export
                guard let kind = self.summary.kind(ofExport: callback), case .function = kind else {
                    throw self.planner.invalid("the module exports no function '\(callback)', which '\(export)' needs")
                }
                options.callback = self.add(self.item(callback, kind), to: scope)
            }
        }
        if let kind = self.summary.kind(ofExport: "cabi_post_\(export)"), case .function = kind {
            options.postReturn = self.add(self.item("cabi_post_\(export)", kind), to: scope)
        }
        return try self.planner.lift(item, options, self.planner.functions[function].type, in: scope)
    }

    /// What the module exports for a function: synchronous, asynchronous with a callback, or on a stack of its own.
    private func callee(_ name: String) throws(ComponentError) -> (name: String, item: CoreItem) {
        for export in [name, Self.asyncPrefix + name, Self.stackfulPrefix + name] {
            guard let kind = self.summary.kind(ofExport: export) else { continue }
            return (export, self.item(export, kind))
        }
        throw self.planner.invalid("the module exports no function '\(name)', which its world has")
    }

    private func add(_ item: CoreItem, to scope: Int) -> UInt32 {
        let index = self.planner.scopes[scope].coreFunctions.count
        self.planner.scopes[scope].add(item)
        return UInt32(index)
    }
}
