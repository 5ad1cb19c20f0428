/// Components that become one: what some import, others export. Their files lie one after the other in one buffer, the
/// image, so that a plan's ranges of bytes need no second file.
package struct Composition: Sendable {
    /// A component, and what is composed into it. Each has an instance of its own, also where two are the same file.
    package struct Part: Sendable {
        /// For messages: a component's id, or the name of a dependency.
        package var name: String
        /// Where its binary is in the image.
        package var range: Range<Int>
        package var plugs: [Plug] = []
        /// What the part may not use of the host.
        package var denials: Denials?

        package init(name: String, range: Range<Int>, plugs: [Plug] = [], denials: Denials? = nil) {
            self.name = name
            self.range = range
            self.plugs = plugs
            self.denials = denials
        }
    }

    /// A part whose exports stand for imports of the part around it.
    package struct Plug: Sendable {
        package var target: ImportPattern
        /// The export that stands for the import, where it has another name.
        package var export: String?
        package var part: Part

        package init(_ target: ImportPattern, export: String? = nil, part: Part) {
            self.target = target
            self.export = export
            self.part = part
        }
    }

    /// Why a part may not use an interface of the host; nil when it may.
    package typealias Denials = @Sendable (ExternName) -> Denial?

    package var root: Part

    package init(root: Part) {
        self.root = root
    }
}

/// Why a component may not use an interface. Calls of its functions fail.
package struct Denial: Hashable, Sendable {
    /// What is denied, why, and what would allow it.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// A call of a function that the component may not use, where its type has no way to say so.
package struct DeniedCallError: Error, Hashable, CustomStringConvertible {
    /// `wasi:sockets/tcp@0.2.0#[method]tcp-socket.start-connect`
    package let function: String
    package let denial: Denial

    package var description: String { "\(self.function) was called: \(self.denial.message)" }
}

/// Components that do not fit together.
package struct CompositionError: Error, Hashable, CustomStringConvertible {
    /// The plugs that lead to the part at fault, from the outermost on; empty for the root.
    package let path: [String]
    /// What is wrong with it.
    package let message: String
    /// It is the part around it that has no import for it.
    package var isUnwanted = false

    package var description: String {
        (self.path.map { "dependency \"\($0)\"" } + [self.message]).joined(separator: ": ")
    }
}

extension Composition {
    /// The part that an error is about, whose byte it then names.
    ///
    /// - Parameter error: its offset is one of the image.
    package func blame(_ error: ComponentError) -> CompositionError {
        var waiting: [(part: Part, path: [String])] = [(self.root, [])]
        while let (part, path) = waiting.popLast() {
            if part.range.contains(error.offset) { return CompositionError(error, of: part, path: path) }
            waiting += part.plugs.map { ($0.part, path + [$0.target.text]) }
        }
        return CompositionError(path: [], message: error.description)
    }
}

extension Composition.Part {
    /// The imports that each plug stands for.
    ///
    /// - Parameters:
    ///   - names: all imports of the part.
    ///   - path: the plugs that lead to the part.
    func assign(_ names: [ExternName], _ path: [String]) throws(CompositionError)
        -> [(plug: Composition.Plug, imports: [ExternName])]
    {
        var assigned: [(plug: Composition.Plug, imports: [ExternName])] = []
        for plug in self.plugs {
            let imports = names.filter { plug.target.matches($0) }
            guard !imports.isEmpty else {
                let all = names.map(\.text).joined(separator: ", ")
                throw CompositionError(
                    path: path + [plug.target.text],
                    message: "\"\(self.name)\" has no import of this name; it imports \(all.isEmpty ? "nothing" : all)",
                    isUnwanted: true)
            }
            for name in imports {
                guard let other = assigned.first(where: { $0.imports.contains(name) }) else { continue }
                throw CompositionError(
                    path: path + [plug.target.text],
                    message: "it is for the import \(name) of \"\(self.name)\", and so is \"\(other.plug.target)\"")
            }
            assigned.append((plug, imports))
        }
        return assigned
    }
}

extension Composition.Plug {
    /// Why nothing stands for an import of the part around it.
    func missingExport(for name: ExternName, of part: Composition.Part, offered: [ExternName]) -> String {
        let offer = offered.map(\.text).joined(separator: ", ")
        return "it does not export \(self.export ?? name.text)"
            + (self.export == nil ? ", which \"\(part.name)\" imports" : " (`export`)")
            + "; it exports \(offer.isEmpty ? "nothing" : offer)"
    }
}
