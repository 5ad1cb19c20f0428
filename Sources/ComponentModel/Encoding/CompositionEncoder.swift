/// Writes a composition as one component, which every host can run: the files of its parts unchanged, one inside the
/// other's imports, and around them what all of them import from the host.
package struct CompositionEncoder {
    private typealias Item = ComponentWriter.Item

    /// A file, which several parts may be.
    private struct File {
        let shape: ComponentShape
        let component: Item
    }

    private let image: UnsafeRawBufferPointer
    private let arena = TypeArena()
    private let writer = ComponentWriter()
    private let imports: ImportEncoder
    private var shapes: [Int: ComponentShape] = [:]
    private var components: [Int: Item] = [:]

    private init(_ image: UnsafeRawBufferPointer) {
        self.image = image
        self.imports = ImportEncoder(self.writer, self.arena)
    }

    /// - Parameter image: the bytes of all parts, which must be components.
    /// - Throws: ``CompositionError``.
    package static func encode(_ composition: Composition, _ image: UnsafeRawBufferPointer) throws -> [UInt8] {
        var encoder = CompositionEncoder(image)
        try encoder.collect(composition.root, path: [])
        try Self.blaming([]) { try encoder.imports.writeAll() }
        let (root, exports) = try encoder.instantiate(composition.root, path: [])
        for (name, entity) in exports.all {
            let sort = try Self.blaming([]) { try ComponentWriter.Sort(entity) }
            encoder.writer.export(name, encoder.writer.alias(name, of: root, sort))
        }
        let bytes = encoder.writer.bytes
        do {
            try bytes.withUnsafeBytes { try ComponentDecoder.validate($0) }
        } catch let error as ComponentError {
            throw CompositionError(path: [], message: "it cannot be written as one component: \(error.message)")
        }
        return bytes
    }

    // MARK: - Parts

    /// Reads a part and those in it, and notes what they import from the host.
    private mutating func collect(_ part: Composition.Part, path: [String]) throws {
        let shape = try self.shape(of: part, path)
        let plugged = Set(try part.assign(shape.imports.externNames, path).flatMap(\.imports))
        try Self.blaming(path) {
            for (name, entity) in shape.imports.named
            where !plugged.contains(name) && part.denials?(name) == nil {
                try self.imports.add(name, entity, of: part.name)
            }
        }
        for plug in part.plugs { try self.collect(plug.part, path: path + [plug.target.text]) }
    }

    private mutating func shape(of part: Composition.Part, _ path: [String]) throws(CompositionError) -> ComponentShape
    {
        if let shape = self.shapes[part.range.lowerBound] { return shape }
        guard part.range.upperBound <= self.image.count, path.count < Limits.instantiationDepth else {
            throw CompositionError(path: path, message: "it is not in the image, or too deep in it")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: self.image[part.range])
        guard case .component = WasmKind.of(bytes) else {
            throw CompositionError(
                path: path, message: "it is a core module, which can only be composed where the application runs")
        }
        do throws(ComponentError) {
            let shape = try ComponentInterfaces(bytes, arena: self.arena).shape
            self.shapes[part.range.lowerBound] = shape
            return shape
        } catch {
            throw CompositionError(path: path, message: "\(error)")
        }
    }

    /// Gives the instance, and what it exports.
    private mutating func instantiate(
        _ part: Composition.Part, path: [String]
    ) throws -> (instance: Item, exports: Members) {
        let shape = try self.shape(of: part, path)
        var arguments: [String: Item] = [:]
        for (plug, names) in try part.assign(shape.imports.externNames, path) {
            let path = path + [plug.target.text]
            let (instance, exports) = try self.instantiate(plug.part, path: path)
            for name in names {
                guard let export = ExternName.substitute(for: plug.export ?? name.text, in: exports.externNames),
                    let entity = exports[export.text]
                else {
                    throw CompositionError(
                        path: path,
                        message: plug.missingExport(for: name, of: part, offered: exports.externNames))
                }
                let sort = try Self.blaming(path) { try ComponentWriter.Sort(entity) }
                arguments[name.text] = self.writer.alias(export.text, of: instance, sort)
            }
        }
        try Self.blaming(path) {
            // What an interface that is denied may use the types of.
            var others: [(name: ExternName, entity: Entity)] = []
            for (name, entity) in shape.imports.named where arguments[name.text] == nil {
                arguments[name.text] =
                    if let denial = part.denials?(name) {
                        try self.refuse(entity, denial, others, arguments)
                    } else {
                        try self.imports.item(for: name)
                    }
                others.append((name, entity))
            }
        }
        let file = self.components[part.range.lowerBound] ?? self.writer.nest(self.image[part.range])
        self.components[part.range.lowerBound] = file
        let instance = self.writer.instantiate(
            file, shape.imports.names.compactMap { name in arguments[name].map { (name, $0) } })
        return (instance, shape.exports)
    }

    /// An instance in the place of one of the host.
    private func refuse(
        _ entity: Entity, _ denial: Denial, _ others: [(name: ExternName, entity: Entity)], _ items: [String: Item]
    ) throws -> Item {
        let refusing = try RefusingComponent(self.arena, entity, denial, others: others)
        return self.writer.instantiate(
            self.writer.nest(refusing.bytes), refusing.needed.compactMap { name in items[name].map { (name, $0) } })
    }

    /// Says which part a problem is about.
    private static func blaming<Result>(_ path: [String], _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let problem as EncodingProblem {
            throw CompositionError(path: path, message: problem.message)
        } catch let error as ComponentError {
            throw CompositionError(path: path, message: "\(error)")
        }
    }
}

extension Members {
    var externNames: [ExternName] { self.names.compactMap { ExternName($0) } }

    /// In order.
    var named: [(name: ExternName, entity: Entity)] {
        self.all.compactMap { name, entity in ExternName(name).map { ($0, entity) } }
    }
}

extension ComponentWriter.Sort {
    init(_ entity: Entity) throws {
        switch entity {
        case .function: self = .function
        case .type: self = .type
        case .component: self = .component
        case .instance: self = .instance
        case .module: throw EncodingProblem("a core module is exported, which a composition cannot have")
        }
    }
}
