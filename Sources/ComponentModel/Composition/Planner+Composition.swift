/// Where the imports of a component come from.
enum ImportSource {
    case host
    /// From the instantiation of a nested component.
    case arguments([String: Item])
    /// What is plugged in, and the host for the rest.
    case composed(PluggedImports)
}

/// What a composition gives a part.
struct PluggedImports {
    struct Supply {
        let item: Item
        /// As the plug exports it.
        let export: ExternName
        let plug: String
    }

    var supplies: [String: Supply] = [:]
    let path: [String]
    /// Of the part.
    let name: String
    let denials: Composition.Denials?

    /// Who imports a function of the host, where that is not the root itself.
    func importer(of name: ExternName) -> HostImporter? {
        guard !self.path.isEmpty || self.denials != nil else { return nil }
        return HostImporter(
            dependency: self.path.isEmpty ? self.name : self.path.joined(separator: "\" of \""),
            denial: self.denials?(name))
    }
}

/// A dependency that imports from the host.
struct HostImporter {
    let dependency: String
    let denial: Denial?
}

/// A resource type of the host, the same for all parts of a composition that import it.
struct HostResourceKey: Hashable {
    let interface: String
    /// Versions that differ more are other types.
    let line: Substring?
    let name: String

    init(_ interface: ExternName?, _ name: String) {
        self.interface = interface.map { $0.interface?.unversioned ?? $0.text } ?? ""
        self.line = interface?.interface?.version.map { VersionText.releaseLine($0) }
        self.name = name
    }
}

/// What a part of a composition was read as.
enum PartSyntax {
    case component(ComponentSyntax)
    case module(ModuleSyntax)

    /// What can be plugged into it.
    var importNames: [ExternName] {
        switch self {
        case .component(let syntax):
            syntax.definitions.compactMap { definition in
                guard case .import(let syntax) = definition.kind else { return nil }
                return syntax.name
            }
        case .module(let module): module.importNames
        }
    }
}

/// Planning several components as one: an outer component instance that no file has, whose children are the parts.
extension Planner {
    /// - Parameter syntaxes: the parts, by where they begin in the image.
    func plan(_ composition: Composition, _ syntaxes: [Int: PartSyntax]) throws(CompositionError) -> ComponentPlan {
        self.hostResources = [:]
        self.scopes.append(Scope(parent: nil, mark: ScopeMark(), componentInstance: 0))
        self.plan.componentParents.append(nil)
        self.plan.componentInstances = 1
        self.enclosing = 0
        let instance = try self.instantiate(composition.root, syntaxes, path: [])
        do throws(ComponentError) {
            return try self.finish(instance)
        } catch {
            throw CompositionError(error, of: composition.root, path: [])
        }
    }

    private func instantiate(
        _ part: Composition.Part, _ syntaxes: [Int: PartSyntax], path: [String]
    ) throws(CompositionError) -> Int {
        guard let syntax = syntaxes[part.range.lowerBound] else {
            throw CompositionError(path: path, message: "it is not in the image")
        }
        guard path.count < Limits.instantiationDepth else {
            throw CompositionError(path: path, message: "dependencies nest too deeply")
        }
        var plugged = PluggedImports(path: path, name: part.name, denials: part.denials)
        for (plug, imports) in try part.assign(syntax.importNames, path) {
            let path = path + [plug.target.text]
            let exports = self.instances[try self.instantiate(plug.part, syntaxes, path: path)]
            for name in imports {
                guard let (export, item) = exports.export(for: plug.export ?? name.text) else {
                    throw CompositionError(
                        path: path, message: plug.missingExport(for: name, of: part, offered: exports.names))
                }
                plugged.supplies[name.text] = .init(item: item, export: export, plug: plug.target.text)
            }
        }
        do throws(ComponentError) {
            switch syntax {
            case .component(let syntax):
                return try self.instantiate(
                    ComponentItem(syntax: syntax, scope: nil, mark: ScopeMark()), imports: .composed(plugged),
                    depth: path.count + 1)
            case .module(let module):
                var planner = try CoreModulePlanner(self, module, range: part.range, imports: .composed(plugged))
                self.plan.denials[planner.componentInstance] = part.denials
                return try planner.plan()
            }
        } catch {
            if let fault = self.compositionFault { throw fault }
            throw CompositionError(error, of: part, path: path)
        }
    }

    /// What a plug has for an import: checked, as a composition's types are known only now.
    func match(
        _ supply: PluggedImports.Supply, _ syntax: ExternSyntax, in scope: Int, path: [String]
    ) throws(ComponentError) -> Item {
        do throws(ComponentError) {
            let item = try self.match(supply.item, syntax.type, in: scope, name: supply.export.text)
            try self.refuseComponents(in: item, depth: 0)
            return item
        } catch {
            self.compositionFault = CompositionError(
                path: path + [supply.plug],
                message: "its export \(supply.export) does not fit the import \(syntax.name): \(error.message)")
            throw error
        }
    }

    /// Components and modules that pass from one file to another would have to be validated against each other.
    private func refuseComponents(in item: Item, depth: Int) throws(ComponentError) {
        switch item {
        case .function, .type, .value: return
        case .component, .coreModule:
            throw self.unsupported("a dependency cannot supply a \(item.sortName), only functions, types and instances")
        case .instance(let instance):
            guard depth < Limits.nesting else { throw self.unsupported("instances nest too deeply") }
            for item in self.instances[instance].items.values {
                try self.spend(1)
                try self.refuseComponents(in: item, depth: depth + 1)
            }
        }
    }
}

extension CompositionError {
    init(_ error: ComponentError, of part: Composition.Part, path: [String]) {
        // Offsets are those of the image, and are told as those of the file.
        let offset = max(0, error.offset - part.range.lowerBound)
        self.init(path: path, message: "\(ComponentError(error.kind, error.message, offset: offset))")
    }
}
