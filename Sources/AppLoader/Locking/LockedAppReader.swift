import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a locked application (`spin.lock`), and makes files of what it holds itself.
struct LockedAppReader {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let options: ApplicationLoader.Options
    let workingDirectory: WorkingDirectory

    private static let sizeLimit = 64 << 20

    func contents(of path: String, called name: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "\(name): cannot read the locked application: \(Paths.lastError)")
        }
        return data
    }

    /// - Parameter isForeign: whether somebody else wrote it for any machine: it says nothing of files of this one.
    func read(_ data: Data, called name: String, isForeign: Bool = false) throws -> LockedApp {
        guard data.count <= Self.sizeLimit else {
            throw Failure(description: "\(name): a locked application of more than 64 MiB is not read")
        }
        var app: LockedApp
        do {
            app = try JSONDecoder().decode(LockedApp.self, from: data)
        } catch {
            throw Failure(description: "\(name): not a locked application: \(Self.reason(error))")
        }
        try Self.check(app, called: name, isForeign: isForeign)
        if !self.options.components.isEmpty { try app.select(components: self.options.components) }
        let missing = self.options.features.missing(for: app)
        guard missing.isEmpty else {
            throw Failure(
                description: missing.map {
                    "\(name): \($0.isTrigger ? "trigger" : "component") `\($0.owner)`: "
                        + $0.message + ($0.hint.map { "\n  hint: \($0)" } ?? "")
                }.joined(separator: "\n"))
        }
        let reachable = Set(app.reachableComponents.map(\.id))
        for index in app.components.indices where reachable.contains(app.components[index].id) {
            try self.materialise(&app.components[index], of: name)
        }
        return app
    }

    /// Refuses names that would lead elsewhere, and paths of this machine that others wrote.
    private static func check(_ app: LockedApp, called name: String, isForeign: Bool) throws {
        for component in app.components {
            guard !component.id.isEmpty, component.id != ".", component.id != "..",
                !component.id.contains(where: { $0 == "/" || $0 == "\0" })
            else { throw Failure(description: "\(name): `\(component.id)` is no id of a component") }
            guard isForeign else { continue }
            let dependencies =
                Array(component.dependencies.values) + component.triggerDependencies.values.flatMap { $0 }
            let sources =
                [component.source.source] + component.files.map(\.source) + dependencies.flatMap { $0.sources }
            guard sources.allSatisfy({ $0 == nil }) else {
                throw Failure(
                    description: "\(name): component `\(component.id)` names a file of the machine that it was made on"
                        + "\n  hint: push the application again, composed, as is the default")
            }
        }
        guard !isForeign || app.triggers.allSatisfy({ $0.dependencies.isEmpty }) else {
            throw Failure(description: "\(name): its middleware is not composed")
        }
    }

    static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
            .valueNotFound(_, let found):
            context = found
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }

    private func materialise(_ component: inout LockedComponent, of name: String) throws {
        if !Self.isThere(component.source) {
            let path = try self.file(
                inline: component.source.inline, digest: component.source.digest,
                to: Paths.join(self.workingDirectory.path, "components/\(component.id).wasm"),
                called: "\(name): component `\(component.id)`")
            component.source = LockedContent(path: path, contentType: component.source.contentType)
        }
        try self.materialise(
            &component.dependencies, stem: component.id, called: "\(name): component `\(component.id)`")
        guard component.files.contains(where: { $0.directory == nil }) else { return }
        let assets = self.workingDirectory.assets(of: component.id)
        for mount in component.files where mount.directory == nil {
            let target = Paths.absolute(mount.path.drop { $0 == "/" }.description, in: assets)
            guard target != assets, Paths.contains(assets, target) else {
                throw Failure(description: "\(name): component `\(component.id)`: `\(mount.path)` is no file name")
            }
            let path = try self.file(
                inline: mount.inline, digest: mount.digest, to: target,
                called: "\(name): component `\(component.id)`: file `\(mount.path)`")
            if path != target {
                try FileManager.default.createDirectory(
                    atPath: Paths.parent(target), withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: path, toPath: target)
            }
        }
        component.files = component.files.filter { $0.directory != nil }
        component.files.append(LockedMount(directory: assets, guestPath: "/"))
    }

    private func materialise(
        _ dependencies: inout [String: LockedDependency], stem: String, called name: String
    ) throws {
        for (index, key) in dependencies.keys.sorted().enumerated() {
            guard var dependency = dependencies[key] else { continue }
            let stem = "\(stem)-dependency-\(index)"
            let name = "\(name): dependency `\(key)`"
            if !Self.isThere(dependency.source) {
                let path = try self.file(
                    inline: dependency.source.inline, digest: dependency.source.digest,
                    to: Paths.join(self.workingDirectory.path, "components/\(stem).wasm"), called: name)
                dependency.source = LockedContent(path: path, contentType: dependency.source.contentType)
            }
            try self.materialise(&dependency.dependencies, stem: stem, called: name)
            dependencies[key] = dependency
        }
    }

    /// Whether the content is a local file; one that is gone may be in the cache.
    private static func isThere(_ content: LockedContent) -> Bool {
        guard let path = content.path else { return false }
        return content.digest == nil || Paths.kind(path) == .file
    }

    /// The path of a file with the content; written to `target` when the application holds it.
    private func file(inline: String?, digest: String?, to target: String, called name: String) throws -> String {
        if let inline {
            // Spin leaves the padding out.
            let padded = inline + String(repeating: "=", count: (4 - inline.utf8.count % 4) % 4)
            guard let data = Data(base64Encoded: padded) else {
                throw Failure(description: "\(name): its content is not Base64")
            }
            try FileManager.default.createDirectory(atPath: Paths.parent(target), withIntermediateDirectories: true)
            try data.write(to: URL(filePath: target))
            return target
        }
        if let digest = digest.flatMap({ ContentDigest($0) }), let path = self.options.contentCache?.file(digest) {
            return path
        }
        throw Failure(
            description: "\(name): its content is neither a local file nor in the cache"
                + (digest.map { " (\($0))" } ?? ""))
    }
}

extension LockedDependency {
    /// What it and its own dependencies say of files.
    fileprivate var sources: [String?] {
        [self.source.source] + self.dependencies.values.flatMap(\.sources)
    }
}
