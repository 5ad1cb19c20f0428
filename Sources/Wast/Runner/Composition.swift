import ComponentModel
import WasmEngine

/// Puts a component into one that gives it what it imports: instances that the script made before, and the host's.
///
/// So a script's component can import core modules and resource types of another, and whether it links is decided by the
/// same rules as in any other composition. An instance that is imported is made anew.
struct Composition {
    /// The interface that the component's own exports are found in.
    static let interface = "swirl:script/instance"

    /// An instance of the script: the binary that it was made from.
    let instances: [String: [UInt8]]

    /// Whether `outline` imports an instance of the script.
    func concerns(_ outline: ComponentOutline) -> Bool {
        outline.imports.contains { self.instances[$0.name] != nil }
    }

    /// The outer component; nil when the component imports something of which nobody knows.
    func compose(_ component: [UInt8], _ outline: ComponentOutline) throws -> [UInt8] {
        var writer = Writer(bytes: try Engine.assemble(HostText.text))
        var supplied: [String: Int] = HostText.instances
        for wanted in outline.imports where supplied[wanted.name] == nil {
            guard let provider = self.instances[wanted.name] else { continue }
            let providerOutline = try provider.withUnsafeBytes { try ComponentOutline($0) }
            supplied[wanted.name] = try self.add(provider, providerOutline, supplied, &writer)
        }
        let instance = try self.add(component, outline, supplied, &writer)
        if !outline.exports.isEmpty { writer.exportInstance(instance, as: Self.interface) }
        return writer.bytes
    }

    private func add(
        _ component: [UInt8], _ outline: ComponentOutline, _ supplied: [String: Int], _ writer: inout Writer
    ) throws -> Int {
        var supplied = supplied
        for wanted in outline.imports where supplied[wanted.name] == nil {
            // A provider may itself import from another.
            guard let provider = self.instances[wanted.name], provider != component else { continue }
            let providerOutline = try provider.withUnsafeBytes { try ComponentOutline($0) }
            supplied[wanted.name] = try self.add(provider, providerOutline, supplied, &writer)
        }
        let arguments = outline.imports.compactMap { wanted -> Writer.Argument? in
            if let function = HostText.functions[wanted.name] { return .function(wanted.name, function) }
            return supplied[wanted.name].map { .instance(wanted.name, $0) }
        }
        return writer.instantiate(component, arguments)
    }

    /// Appends sections to a component.
    private struct Writer {
        enum Argument {
            case function(String, Int)
            case instance(String, Int)
        }

        private(set) var bytes: [UInt8]
        private var components = HostText.componentCount
        private var instances = HostText.instanceCount

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// Adds a nested component and an instance of it; gives the instance's index.
        mutating func instantiate(_ component: [UInt8], _ arguments: [Argument]) -> Int {
            self.section(4, component)
            var instance: [UInt8] = [1, 0] + Self.leb(self.components) + Self.leb(arguments.count)
            for argument in arguments {
                switch argument {
                case .function(let name, let index): instance += Self.name(name) + [1] + Self.leb(index)
                case .instance(let name, let index): instance += Self.name(name) + [5] + Self.leb(index)
                }
            }
            self.section(5, instance)
            self.components += 1
            self.instances += 1
            return self.instances - 1
        }

        mutating func exportInstance(_ index: Int, as name: String) {
            self.section(11, [1, 0] + Self.name(name) + [5] + Self.leb(index) + [0])
            self.instances += 1
        }

        private mutating func section(_ id: UInt8, _ content: [UInt8]) {
            self.bytes += [id] + Self.leb(content.count) + content
        }

        private static func name(_ text: String) -> [UInt8] {
            let utf8 = Array(text.utf8)
            return self.leb(utf8.count) + utf8
        }

        private static func leb(_ value: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            WasmBinary.append(UInt64(value), to: &bytes)
            return bytes
        }
    }
}
