import ComponentModel
import Testing
import WasmEngine

/// Components in text, composed as a loader does it: all in one image.
struct Composed {
    /// What is plugged into a component.
    struct Plug {
        var target: ImportPattern
        var export: String?
        var text: String
        var plugs: [Plug] = []
        var denied: [String] = []

        init(
            _ target: String, _ text: String, export: String? = nil, plugs: [Plug] = [], denied: [String] = []
        ) {
            self.target = Composed.pattern(target)
            self.text = text
            self.export = export
            self.plugs = plugs
            self.denied = denied
        }
    }

    let image: [UInt8]
    let composition: Composition

    init(_ text: String, _ plugs: [Plug]) throws {
        var image: [UInt8] = []
        self.composition = Composition(root: try Self.part("main", text, plugs, [], &image))
        self.image = image
    }

    init(image: [UInt8], composition: Composition) {
        self.image = image
        self.composition = composition
    }

    private static func part(
        _ name: String, _ text: String, _ plugs: [Plug], _ denied: [String], _ image: inout [UInt8]
    ) throws -> Composition.Part {
        let start = image.count
        image += try Engine.assemble(text)
        var part = Composition.Part(name: name, range: start..<image.count)
        part.plugs = try plugs.map { plug in
            Composition.Plug(
                plug.target, export: plug.export,
                part: try Self.part(plug.target.text, plug.text, plug.plugs, plug.denied, &image))
        }
        part.denials = { name in denied.contains(name.text) ? Denial("\(name) is denied here") : nil }
        return part
    }

    static func pattern(_ text: String) -> ImportPattern {
        guard text.contains(":") else {
            return ImportPattern(text, package: nil, interface: nil, version: nil)
        }
        let parts = text.split(separator: "@")
        let names = parts[0].split(separator: "/")
        return ImportPattern(
            text, package: String(names[0]), interface: names.count > 1 ? String(names[1]) : nil,
            version: parts.count > 1 ? String(parts[1]) : nil)
    }

    func plan() throws(CompositionError) -> ComponentPlan {
        let result = self.image.withUnsafeBytes { image in
            Result { () throws(CompositionError) in try ComponentDecoder.plan(self.composition, image) }
        }
        return try result.get()
    }

    /// - Parameter isMerged: as loaders do it, its core modules made one.
    func linked(registry: HostRegistry = TestAPI.registry, isMerged: Bool = true) throws -> Component {
        let engine = try Shared.engine.get()
        let (plan, modules) = try self.image.withUnsafeBytes { image in
            try PlanCompiler(try self.plan(), image, limits: isMerged ? MergeLimits(engine.configuration) : nil)
                .compile { code, _ in try engine.compile(code) }
        }
        return try Component(name: "main", plan: plan, modules: modules, engine: engine, registry: registry)
    }

    /// The same as one component in a file of its own.
    func encoded() throws -> Composed {
        let bytes = try self.image.withUnsafeBytes { try CompositionEncoder.encode(self.composition, $0) }
        let root = Composition.Part(name: self.composition.root.name, range: bytes.indices)
        return Composed(image: bytes, composition: Composition(root: root))
    }

    /// What `run` returns, with core modules as they are and merged, and of the encoded component.
    func run() throws -> UInt32 {
        let plain = try ComponentModelTests.run(try self.linked(isMerged: false))
        #expect(try ComponentModelTests.run(try self.linked(isMerged: true)) == plain)
        #expect(try ComponentModelTests.run(try self.encoded().linked()) == plain)
        return plain
    }

    /// Why the components do not fit together.
    func problem() throws -> String {
        do {
            _ = try self.plan()
            return ""
        } catch {
            return error.description
        }
    }
}
