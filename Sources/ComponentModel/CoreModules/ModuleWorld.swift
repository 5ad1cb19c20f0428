/// A world that a core module was made for, as it says itself: a custom section `component-type:…`, which holds a
/// component with the world as a type. `wasm-tools component new` reads the same.
struct ModuleWorld {
    let declarations: DeclarationsSyntax
    /// How the module writes its text.
    let encoding: StringEncoding

    private static let sectionPrefix = "component-type"

    /// All that a module says; none for one that was made without a world.
    static func all(in bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(ComponentError) -> [ModuleWorld] {
        try self.sections(of: bytes, range: range).map { (range) throws(ComponentError) in
            try ModuleWorld(bytes, range: range)
        }
    }

    /// - Parameter range: of the section's content in `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(ComponentError) {
        let header = try ModuleWorldHeader(bytes, range: range)
        let syntax = try ComponentParser(bytes, range: header.component).parse()
        try Validator(bytes).validate(syntax)
        guard let world = Self.world(of: syntax, named: header.name) else {
            let name = header.name.map { " named \($0.debugDescription)" } ?? ""
            throw ComponentError(
                .invalid, "the custom section \"\(Self.sectionPrefix)\" holds no world\(name)", offset: range.lowerBound
            )
        }
        self.declarations = world
        self.encoding = header.encoding
    }

    private static func sections(
        of bytes: UnsafeRawBufferPointer, range: Range<Int>
    ) throws(ComponentError) -> [Range<Int>] {
        var reader = ByteReader(bytes, range: range)
        guard reader.skipIfMatches(WasmKind.coreModulePreamble) else { throw reader.malformed("not a core module") }
        var ranges: [Range<Int>] = []
        while !reader.isAtEnd {
            let id = try reader.byte()
            let size = Int(try reader.u32())
            var section = try reader.section(size)
            guard id == 0, let name = try? section.name(), name.hasPrefix(Self.sectionPrefix) else { continue }
            ranges.append(section.offset..<reader.offset)
        }
        return ranges
    }

    /// The type that is exported last; in it, the one of that name, or, where it is the only one, that under the
    /// world's whole name.
    private static func world(of syntax: ComponentSyntax, named name: String?) -> DeclarationsSyntax? {
        var types: [TypeSyntax?] = []
        var world: TypeSyntax?
        for definition in syntax.definitions {
            switch definition.kind {
            case .type(let type): types.append(type)
            case .export(let export) where export.item.sort == .type:
                world = types[checked: export.item.index] ?? nil
                types.append(world)
            default: break
            }
        }
        guard case .component(let outer)? = world else { return nil }
        let worlds = self.worlds(in: outer)
        if let name, let found = worlds.first(where: { $0.name.interface?.interface == name }) { return found.world }
        guard outer.declarations.allSatisfy({ $0.isTypeOrExport }), worlds.count == 1 else {
            return name == nil || worlds.isEmpty ? outer : nil
        }
        return worlds[0].world
    }

    /// The component types that a package, or what stands for it, exports.
    private static func worlds(in outer: DeclarationsSyntax) -> [(name: ExternName, world: DeclarationsSyntax)] {
        var types: [TypeSyntax?] = []
        var worlds: [(name: ExternName, world: DeclarationsSyntax)] = []
        for declaration in outer.declarations {
            switch declaration.kind {
            case .type(let type): types.append(type)
            case .alias(.export(.type, _, _)), .alias(.outer(.type, _, _)): types.append(nil)
            case .import(let syntax), .export(let syntax):
                switch syntax.type {
                case .typeEqual, .typeResource: types.append(nil)
                case .component(let index):
                    guard case .export = declaration.kind,
                        case .component(let world)?? = types[checked: index]
                    else { continue }
                    worlds.append((syntax.name, world))
                default: continue
                }
            default: continue
            }
        }
        return worlds
    }
}

extension DeclarationsSyntax.Declaration {
    fileprivate var isTypeOrExport: Bool {
        switch self.kind {
        case .type: true
        case .export(let syntax): if case .component = syntax.type { true } else { false }
        default: false
        }
    }
}
