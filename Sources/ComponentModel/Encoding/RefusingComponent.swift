/// A component in the place of an interface of the host that a dependency may not use, for hosts that know nothing of
/// permissions: its functions answer as ``DeniedFunction`` does. It exports what the interface has, by itself: an
/// instance of it is one of the interface.
struct RefusingComponent {
    let bytes: [UInt8]
    /// The imports whose types it uses.
    let needed: [String]

    private static let realloc = "realloc"
    private static let memory = "memory"

    /// - Parameter others: what it may use the types of.
    init(
        _ arena: TypeArena, _ entity: Entity, _ denial: Denial, others: [(name: ExternName, entity: Entity)]
    ) throws {
        guard case .instance(let id) = entity else {
            throw EncodingProblem("only interfaces of the host can be denied")
        }
        let writer = ComponentWriter()
        let imports = ImportEncoder(writer, arena, isForTypesAlone: true)
        for (name, entity) in others { try imports.add(name, entity, of: "it") }
        let types = imports.types
        let members = try arena.instance(id).exports.all
        for (name, member) in members {
            guard case .type(let created, let referenced) = member else { continue }
            let number =
                try arena.resource(created) == nil
                ? types.number(of: referenced)
                : types.number(ofNamed: referenced) ?? writer.define(Self.resource)
            types.bind(created, to: writer.export(name, .init(sort: .type, index: number)).index)
        }

        var module = RefusingModule(memory: Self.memory, realloc: Self.realloc)
        var functions: [(name: String, type: Int)] = []
        for (name, member) in members {
            guard case .function(let type) = member else { continue }
            functions.append((name, try types.number(of: type)))
            module.add(name, try arena.function(type), arena, denial)
        }
        writer.instantiate(module: module.encode())
        writer.coreMemory(Self.memory)
        let realloc = writer.coreFunction(Self.realloc)
        for (name, type) in functions {
            writer.export(name, writer.lift(writer.coreFunction(name), type: type, realloc: realloc))
        }
        self.bytes = writer.bytes
        self.needed = imports.written
    }

    /// A resource type of this component; there never is one of it.
    private static let resource: [UInt8] = [0x3F, CoreType.i32.rawValue, 0x00]
}
