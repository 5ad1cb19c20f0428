/// A world that a core module was made for, as it says itself: a custom section `component-type:…`, which holds a component
/// with the world as a type. `wasm-tools component new` reads the same.
struct ModuleWorld {
    let declarations: DeclarationsSyntax

    private static let sectionPrefix = "component-type"

    /// All that the module in `bytes` says; none for a module that was made without a world.
    static func all(in bytes: UnsafeRawBufferPointer) throws(ComponentError) -> [ModuleWorld] {
        try self.sections(of: bytes).map { (range) throws(ComponentError) in
            try ModuleWorld(bytes, range: range)
        }
    }

    /// - Parameter bytes: a file in which the world's component is at `range`.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(ComponentError) {
        let syntax = try ComponentParser(bytes, range: range).parse()
        try Validator(bytes).validate(syntax)
        guard let world = Self.world(of: syntax) else {
            throw ComponentError(
                .invalid, "the custom section \"\(Self.sectionPrefix)\" holds no world", offset: range.lowerBound)
        }
        self.declarations = world
    }

    private static func sections(of bytes: UnsafeRawBufferPointer) throws(ComponentError) -> [Range<Int>] {
        var reader = ByteReader(bytes)
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

    /// The type that is exported last; in it, where it says so, the one under the world's whole name.
    private static func world(of syntax: ComponentSyntax) -> DeclarationsSyntax? {
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
        return Self.inner(of: outer) ?? outer
    }

    private static func inner(of outer: DeclarationsSyntax) -> DeclarationsSyntax? {
        var types: [TypeSyntax] = []
        var world: TypeSyntax?
        for declaration in outer.declarations {
            switch declaration.kind {
            case .type(let type): types.append(type)
            case .export(let export):
                guard world == nil, case .component(let index) = export.type else { return nil }
                world = types[checked: index]
            default: return nil
            }
        }
        guard case .component(let declarations)? = world else { return nil }
        return declarations
    }
}
