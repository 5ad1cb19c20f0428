/// What a component imports and exports, by name and sort: enough to put it into another one.
package struct ComponentOutline: Sendable {
    package enum Sort: Hashable, Sendable {
        case coreModule
        case function
        case type
        case component
        case instance
        case value
    }

    package struct Entry: Hashable, Sendable {
        package let name: String
        package let sort: Sort
    }

    package let imports: [Entry]
    package let exports: [Entry]

    /// Decodes a component, without validating it.
    package init(_ bytes: UnsafeRawBufferPointer) throws(ComponentError) {
        let syntax = try ComponentParser(bytes).parse()
        var imports: [Entry] = []
        var exports: [Entry] = []
        for definition in syntax.definitions {
            switch definition.kind {
            case .import(let item): imports.append(Entry(name: item.name.text, sort: Sort(item.type)))
            case .export(let item): exports.append(Entry(name: item.name.text, sort: Sort(item.item.sort)))
            default: break
            }
        }
        self.imports = imports
        self.exports = exports
    }
}

extension ComponentOutline.Sort {
    fileprivate init(_ type: ExternTypeSyntax) {
        self =
            switch type {
            case .coreModule: .coreModule
            case .function: .function
            case .typeEqual, .typeResource: .type
            case .value, .valueEqual: .value
            case .component: .component
            case .instance: .instance
            }
    }

    fileprivate init(_ sort: Sort) {
        self =
            switch sort {
            case .core: .coreModule
            case .function: .function
            case .value: .value
            case .type: .type
            case .component: .component
            case .instance: .instance
            }
    }
}
