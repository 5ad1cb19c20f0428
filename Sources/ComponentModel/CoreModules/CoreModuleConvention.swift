/// How core modules that say nothing of their world are linked: by the names alone that their SDK gave what they import
/// and export.
package struct CoreModuleConvention: Sendable {
    /// A function of an interface that a name of a module stands for.
    package struct Function: Sendable {
        /// As components name it: `fermyon:spin/key-value`.
        let interface: ExternName
        let name: ExternName
        let type: ComponentFunctionType

        /// Nil for a name that is none. Types are plain values: without resources, streams and futures.
        package init?(_ interface: String, _ name: String, _ type: ComponentFunctionType) {
            guard let interface = ExternName(interface), let name = ExternName(name) else { return nil }
            self.interface = interface
            self.name = name
            self.type = type
        }
    }

    /// By module and name of a core import. What is not here is a function of the host's core modules.
    let imports: [String: [String: Function]]
    /// By the name of a core export. A module with none of them is not linked by this convention.
    let exports: [String: Function]
    /// What modules call their allocator, the first one that is there counts.
    let reallocs: [String]

    package init(imports: [String: [String: Function]], exports: [String: Function], reallocs: [String]) {
        self.imports = imports
        self.exports = exports
        self.reallocs = reallocs
    }
}

extension ResolvedFunctionType {
    /// A type that was not read from a file: of plain values, see ``CoreModuleConvention/Function``.
    init(plain type: ComponentFunctionType) {
        self.init(
            type: type, nodes: 1 + type.parameters.count,
            parametersContainPointers: type.parameters.contains { $0.type.containsPointers },
            resultContainsPointers: type.result?.containsPointers ?? false, mentionsResource: false)
    }
}

extension ValueType {
    /// Whether a value holds a list or string, which lies outside of the value itself.
    fileprivate var containsPointers: Bool {
        switch self {
        case .string, .list: true
        case .fixedList(let type, _), .option(let type): type.containsPointers
        case .record(let fields): fields.contains { $0.type.containsPointers }
        case .variant(let cases): cases.contains { $0.type?.containsPointers ?? false }
        case .tuple(let types): types.contains(where: \.containsPointers)
        case .result(let ok, let error): ok?.containsPointers ?? false || error?.containsPointers ?? false
        default: false
        }
    }
}
