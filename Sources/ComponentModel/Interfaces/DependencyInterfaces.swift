/// The interfaces that the dependencies of a component have for it, as one text in WIT: what it is built against.
package struct DependencyInterfaces {
    private typealias Problem = ComponentInterfaces.Problem

    /// Imports of the world, in order.
    private var imports: [String] = []
    private var worldItems: [InterfaceWriter.Item] = []
    /// Interfaces by package, both in the order that they came.
    private var packages: [(name: String, interfaces: [(name: String, items: [InterfaceWriter.Item])])] = []

    package init() {}

    package var isEmpty: Bool { self.imports.isEmpty && self.worldItems.isEmpty }

    /// Adds what a dependency has for an import.
    ///
    /// - Parameter export: what stands for the import, where the dependency exports it by another name.
    package mutating func add(
        _ component: ComponentInterfaces, for target: ImportPattern, export: String?
    ) throws {
        let names = try TypeNames(component)
        if let export {
            guard let (name, entity) = Self.find(export, in: component) else {
                throw Problem("it has no export `\(export)`\(Self.offer(component))")
            }
            return try self.add(name, entity, as: target.text, component, names)
        }
        let found = component.shape.exports.all.filter { name, _ in
            ExternName(name).map { target.matches($0) } ?? false
        }
        guard !found.isEmpty else { throw Problem("it exports nothing for `\(target)`\(Self.offer(component))") }
        for (name, entity) in found { try self.add(name, entity, as: name, component, names) }
    }

    private static func find(_ export: String, in component: ComponentInterfaces) -> (String, Entity)? {
        let all = component.shape.exports.all
        if let exact = all.first(where: { $0.name == export }) { return exact }
        // A name without version stands for every version.
        return all.first { InterfaceName($0.name)?.unversioned == export }
    }

    private static func offer(_ component: ComponentInterfaces) -> String {
        let names = component.exportNames.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
        return names.isEmpty ? ": it exports nothing" : "\n  hint: it exports \(names)"
    }

    // MARK: - One import

    private mutating func add(
        _ name: String, _ entity: Entity, as alias: String, _ component: ComponentInterfaces, _ names: TypeNames
    ) throws {
        switch entity {
        case .instance:
            var wanted = InterfaceName(alias)
            if wanted != nil, wanted?.version == nil, let version = InterfaceName(name)?.version, alias == name {
                wanted = InterfaceName("\(alias)@\(version)")
            }
            guard let wanted else { throw Problem("`\(alias)` is no name of an interface") }
            let line = "import \(InterfaceWriter.spell(wanted));"
            if !self.imports.contains(line) { self.imports.append(line) }
            try self.addInterface(name, as: wanted, component, names)
        case .function: try self.addFunction(name, as: alias, entity, component, names)
        case .type, .value, .module, .component: throw Problem("its export `\(name)` is a \(entity.name)")
        }
    }

    /// A function by itself, with the types of the component that it may use.
    private mutating func addFunction(
        _ name: String, as alias: String, _ entity: Entity, _ component: ComponentInterfaces, _ names: TypeNames
    ) throws {
        var writer = InterfaceWriter(component.arena, names: names, interface: "")
        let types = (component.shape.imports.all + component.shape.exports.all).filter {
            if case .type = $0.entity { true } else { false }
        }
        try writer.write(types + [(alias, entity)])
        for var item in writer.items where !self.worldItems.contains(where: { $0.name == item.name }) {
            if item.name == alias { item.lines[0] = "import \(item.lines[0])" }
            self.worldItems.append(item)
        }
        for interface in writer.used { try self.addUsed(interface, component, names) }
    }

    private mutating func addUsed(_ text: String, _ component: ComponentInterfaces, _ names: TypeNames) throws {
        guard let name = InterfaceName(text) else { throw Problem("`\(text)` is no name of an interface") }
        try self.addInterface(text, as: name, component, names)
    }

    private mutating func addInterface(
        _ name: String, as alias: InterfaceName, _ component: ComponentInterfaces, _ names: TypeNames
    ) throws {
        guard case .instance(let id) = component.shape.exports[name] ?? component.shape.imports[name] else {
            throw Problem("it has no interface `\(name)`")
        }
        var writer = InterfaceWriter(component.arena, names: names, interface: name, alias: alias)
        try writer.write(try component.arena.instance(id).exports.all)
        guard self.store(writer.items, alias) else { return }
        for interface in writer.used { try self.addUsed(interface, component, names) }
    }

    /// False when the interface was there already, with all of its items.
    private mutating func store(_ items: [InterfaceWriter.Item], _ name: InterfaceName) -> Bool {
        let package =
            "\(InterfaceWriter.spell(name.namespace)):\(InterfaceWriter.spell(name.package))"
            + (name.version.map { "@\($0)" } ?? "")
        guard let place = self.packages.firstIndex(where: { $0.name == package }) else {
            self.packages.append((package, [(name.interface, items)]))
            return true
        }
        guard let index = self.packages[place].interfaces.firstIndex(where: { $0.name == name.interface }) else {
            self.packages[place].interfaces.append((name.interface, items))
            return true
        }
        // Each component has only what it needs of an interface that it imports.
        var isNew = false
        for item in items {
            var known = self.packages[place].interfaces[index].items
            if let old = known.firstIndex(where: { $0.name == item.name }) {
                guard known[old].lines.count < item.lines.count else { continue }
                known[old] = item
            } else {
                known.append(item)
            }
            isNew = true
            self.packages[place].interfaces[index].items = known
        }
        return isNew
    }

    // MARK: - Text

    /// A package with the world `root`, and the packages of the interfaces.
    package var text: String {
        var text = "package root:component;\n\nworld root {\n"
        for line in self.imports { text += "  \(line)\n" }
        for item in self.worldItems { for line in item.lines { text += "  \(line)\n" } }
        text += "}\n"
        for package in self.packages {
            text += "\npackage \(package.name) {\n"
            for (index, interface) in package.interfaces.enumerated() {
                text += (index > 0 ? "\n" : "") + "  interface \(InterfaceWriter.spell(interface.name)) {\n"
                for item in interface.items { for line in item.lines { text += "    \(line)\n" } }
                text += "  }\n"
            }
            text += "}\n"
        }
        return text
    }
}
