import AppModel
import ComponentModel

/// A component and its dependencies, read into one buffer, with the way that they belong together.
final class CompositionImage {
    let composition: Composition
    /// All files, one after the other; each file once.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(self.storage) }
    private let storage: UnsafeMutableRawBufferPointer
    private let name: String
    private let dependencies: [String: LockedDependency]
    private let middleware: [LockedDependency]

    /// - Parameter middleware: what requests pass before they reach the component, the first one first.
    init(
        _ file: ComponentFile, name: String, dependencies: [String: LockedDependency],
        middleware: [LockedDependency] = [], assembler: TextAssembler
    ) throws {
        self.name = name
        self.dependencies = dependencies
        var builder = Builder(component: name, assembler: assembler)
        let range = try builder.add(file)
        let plugs = try builder.plugs(dependencies, of: name, [])
        let component = Composition.Part(name: name, range: range, plugs: plugs)
        self.composition = Composition(root: try builder.wrap(component, in: middleware))
        self.middleware = middleware
        self.storage = .allocate(byteCount: builder.size, alignment: 16)
        for (file, range) in builder.files.values {
            UnsafeMutableRawBufferPointer(rebasing: self.storage[range]).copyMemory(from: file.bytes)
        }
    }

    deinit {
        self.storage.deallocate()
    }

    /// What is wrong, with the place in the manifest that it is about.
    func loadError(_ error: CompositionError) -> ComponentLoadError {
        // The first steps lead through the middleware to the component.
        var passed = 0
        while passed < min(error.path.count, self.middleware.count), error.path[passed] == self.nameInside(passed) {
            passed += 1
        }
        if error.isUnwanted, passed == error.path.count, passed > 0 {
            return self.loadError(
                ofMiddleware: passed - 1,
                "it does not import `\(Self.handler)`, so it cannot pass requests on: it is no middleware")
        }
        let path = error.path[passed...]
        if path.isEmpty, passed < self.middleware.count {
            return self.loadError(ofMiddleware: passed, error.message)
        }
        var found: LockedDependency?
        var level = self.dependencies
        var owner = ""
        if passed < self.middleware.count {
            level = self.middleware[passed].dependencies
            owner = " of \(Self.middlewareName(passed))"
        }
        for key in path {
            found = level[key]
            level = found?.dependencies ?? [:]
        }
        let chain = path.reversed().map { "dependency \"\($0)\"" }.joined(separator: " of ") + owner
        let file = found?.source.path.map { " (\($0))" } ?? ""
        return ComponentLoadError(
            component: self.name, place: found?.place,
            path.isEmpty ? error.message : "\(chain)\(file): \(error.message)")
    }

    private func loadError(ofMiddleware index: Int, _ message: String) -> ComponentLoadError {
        let middleware = self.middleware[index]
        let file = middleware.source.path.map { " (\($0))" } ?? ""
        return ComponentLoadError(
            component: self.name, place: middleware.place, "\(Self.middlewareName(index))\(file): \(message)")
    }

    /// What stands directly behind a middleware.
    private func nameInside(_ index: Int) -> String {
        index + 1 < self.middleware.count ? Self.middlewareName(index + 1) : self.name
    }

    /// What middleware imports and exports.
    private static let handler = "wasi:http/handler@0.3"

    private static func middlewareName(_ index: Int) -> String { "middleware[\(index)]" }

    private struct Builder {
        let component: String
        let assembler: TextAssembler
        var files: [String: (file: ComponentFile, range: Range<Int>)] = [:]
        var size = 0

        mutating func add(_ file: ComponentFile) throws(ComponentLoadError) -> Range<Int> {
            if let known = self.files[file.path] { return known.range }
            if case .notWasm = WasmKind.of(file.bytes), let problem = file.problem {
                throw ComponentLoadError(component: self.component, path: file.path, problem)
            }
            // No two ranges begin at the same place: a component is never empty.
            let range = self.size..<(self.size + file.bytes.count)
            guard range.upperBound <= ComponentFile.sizeLimit else {
                throw ComponentLoadError(component: self.component, "it and its dependencies are larger than 1 GiB")
            }
            self.size = range.upperBound
            self.files[file.path] = (file, range)
            return range
        }

        /// Puts middleware around a component, as Spin does: each imports the handler that the next one exports.
        mutating func wrap(
            _ component: Composition.Part, in middleware: [LockedDependency]
        ) throws -> Composition.Part {
            var inner = component
            for (index, dependency) in middleware.enumerated().reversed() {
                let name = CompositionImage.middlewareName(index)
                let range = try self.add(dependency, name)
                let grant = Grant(dependency: name, owner: self.component, dependency)
                let target = ImportPattern(
                    inner.name, package: "wasi:http", interface: "handler", version: "0.3.0")
                let plugs = try self.plugs(dependency.dependencies, of: name, [grant])
                inner = Composition.Part(
                    name: name, range: range, plugs: [Composition.Plug(target, part: inner)] + plugs,
                    denials: { grant.denial(of: $0) })
            }
            return inner
        }

        private mutating func add(_ dependency: LockedDependency, _ name: String) throws -> Range<Int> {
            do {
                guard let path = dependency.source.path else {
                    throw ComponentLoadError(component: self.component, "its source is not a local file")
                }
                let known = self.files[path]?.file
                return try self.add(try known ?? ComponentFile(path: path, component: name, assembler: self.assembler))
            } catch let error as ComponentLoadError {
                throw ComponentLoadError(
                    component: self.component, place: dependency.place,
                    "dependency \"\(name)\"\(error.path.map { " (\($0))" } ?? ""): \(error.message)")
            }
        }

        /// - Parameter inherited: what those around the dependencies have got, the outermost first.
        mutating func plugs(
            _ dependencies: [String: LockedDependency], of owner: String, _ inherited: [Grant]
        ) throws -> [Composition.Plug] {
            try dependencies.sorted { $0.key < $1.key }.map { key, dependency in
                let range = try self.add(dependency, key)
                let grants = inherited + [Grant(dependency: key, owner: owner, dependency)]
                return Composition.Plug(
                    try Self.pattern(key, component: self.component, place: dependency.place),
                    export: dependency.export,
                    part: Composition.Part(
                        name: key, range: range, plugs: try self.plugs(dependency.dependencies, of: key, grants),
                        denials: { name in grants.lazy.compactMap { $0.denial(of: name) }.first }))
            }
        }

        private static func pattern(_ key: String, component: String, place: String?) throws -> ImportPattern {
            do throws(DependencyName.ParseError) {
                let name = try DependencyName(key)
                return ImportPattern(
                    key, package: name.package, interface: name.interface, version: name.version?.description)
            } catch {
                throw ComponentLoadError(
                    component: component, place: place, "\"\(key)\" names no import: \(error.description)")
            }
        }
    }

    /// What a dependency inherits.
    private struct Grant: Sendable {
        private let dependency: String
        private let owner: String
        private let inherit: Inheritance
        private let place: String?

        init(dependency: String, owner: String, _ locked: LockedDependency) {
            self.dependency = dependency
            self.owner = owner
            self.inherit = locked.inherit
            self.place = locked.place
        }

        func denial(of name: ExternName) -> Denial? {
            guard let interface = name.interface?.unversioned,
                let capability = InheritedCapability.name(ofInterface: interface), !self.inherit.includes(capability)
            else { return nil }
            var names = [capability]
            if case .some(let others) = self.inherit { names = others + names }
            let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
            return Denial(
                "the dependency `\(self.dependency)` of `\(self.owner)` does not inherit `\(capability)`\n"
                    + "  hint: to allow it, write in the dependency's table of the manifest"
                    + (self.place.map { " (\($0))" } ?? "") + ": inherit_configuration = [\(list)]")
        }
    }
}
