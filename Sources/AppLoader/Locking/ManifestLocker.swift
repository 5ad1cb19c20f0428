import AppModel

/// Makes a manifest into a locked application: sources are files, files are copied or mounted.
struct ManifestLocker {
    let manifest: Manifest
    let path: String
    /// The manifest's name in messages.
    let file: String
    let options: ApplicationLoader.Options
    let workingDirectory: WorkingDirectory
    private(set) var problems: [Diagnostic] = []
    private let finder: ContentFinder

    init(
        _ manifest: Manifest, path: String, file: String, options: ApplicationLoader.Options,
        workingDirectory: WorkingDirectory
    ) {
        self.manifest = manifest
        self.path = path
        self.file = file
        self.options = options
        self.workingDirectory = workingDirectory
        self.finder = ContentFinder(manifest, path: path, options: options)
    }

    private var directory: String { Paths.parent(self.path) }

    /// Throws ``ManifestError`` with all that is wrong, and ``LockedApp/SelectionError``.
    mutating func lock() async throws -> LockedApp {
        var app = self.outline()
        if !self.options.components.isEmpty { try app.select(components: self.options.components) }
        self.refuse(self.options.features.missing(for: app))
        let reachable = Set(app.reachableComponents.map(\.id))
        for index in app.components.indices where reachable.contains(app.components[index].id) {
            // A component without trigger never runs: what it lacks does no harm.
            guard let component = self.manifest.component(app.components[index].id) else { continue }
            await self.fill(&app.components[index], from: component)
        }
        for index in app.triggers.indices { await self.fill(&app.triggers[index]) }
        guard self.problems.isEmpty else { throw ManifestError(self.problems.sorted { $0.position < $1.position }) }
        app.moveTriggerDependencies()
        return app
    }

    /// The application as far as it can be told without looking at files.
    private func outline() -> LockedApp {
        var app = LockedApp(metadata: self.metadata())
        for variable in self.manifest.variables {
            app.variables[variable.name] = LockedVariable(
                description: variable.description, default: variable.default, secret: variable.isSecret,
                place: self.place(variable.position))
        }
        app.triggers = self.manifest.triggers.map { trigger in
            var config = trigger.settings
            if !trigger.componentID.isEmpty { config["component"] = .string(trigger.componentID) }
            if !trigger.components.isEmpty {
                config["components"] = .object(
                    trigger.components.mapValues { .array($0.map { .string($0) }) })
            }
            var locked = LockedTrigger(id: trigger.id, triggerType: trigger.type, triggerConfig: config)
            locked.place = self.place(trigger.position)
            locked.dependencies = trigger.dependencies.filter { !$0.value.isEmpty }
                .mapValues { $0.map { self.outline($0) } }
            return locked
        }
        app.components = self.manifest.components.map { component in
            var locked = LockedComponent(
                id: component.id,
                source: LockedContent(path: Paths.absolute(component.source.localPath ?? "", in: self.directory)))
            locked.place = self.place(component.position)
            locked.metadata = LockedComponent.Metadata(
                description: component.description.isEmpty ? nil : component.description, build: component.build)
            locked.metadata.allowedOutboundHosts = component.allowedOutboundHosts
            locked.metadata.keyValueStores = component.keyValueStores
            locked.metadata.databases = component.sqliteDatabases
            locked.metadata.aiModels = component.aiModels
            locked.environment = component.environment
            for variable in component.variables { locked.config[variable.name] = variable.text }
            for dependency in component.dependencies {
                guard let name = dependency.name else { continue }
                locked.dependencies[name.text] = self.outline(dependency)
            }
            if component.allowedOutboundHosts.contains(where: { (try? AllowedHost($0))?.isForServiceChaining == true })
            {
                locked.hostRequirements[HostRequirement.serviceChaining] = HostRequirement.required
            }
            return locked
        }
        return app
    }

    private func outline(_ dependency: Dependency) -> LockedDependency {
        LockedDependency(
            source: LockedContent(path: self.directory), export: dependency.export,
            inherit: dependency.inherit ?? .some([]),
            place: self.place(dependency.position))
    }

    private func place(_ position: SourcePosition) -> String { "\(self.file):\(position.line):\(position.column)" }

    private func metadata() -> LockedApp.Metadata {
        let application = self.manifest.application
        var metadata = LockedApp.Metadata(name: application.name)
        if !application.version.isEmpty { metadata.version = application.version }
        if !application.description.isEmpty { metadata.description = application.description }
        if !application.authors.isEmpty { metadata.authors = application.authors }
        metadata.triggers = application.triggerSettings
        metadata.origin = FileURL.string(path: self.path)
        metadata.profile = self.manifest.profile
        let types = Set(self.manifest.triggers.map(\.type))
        if types.count == 1, let type = types.first {
            var settings = application.triggerSettings[type]?.object ?? [:]
            settings["type"] = .string(type)
            metadata.trigger = settings
        }
        return metadata
    }

    // MARK: - What is missing

    private mutating func refuse(_ missing: [HostFeatures.Missing]) {
        for entry in missing {
            let field: String
            let position: SourcePosition
            if entry.isTrigger {
                field = entry.field.hasPrefix("trigger.") ? entry.field : "\(entry.owner).\(entry.field)"
                position = self.manifest.triggers.first { $0.id == entry.owner }?.position ?? .unknown
            } else {
                field = "component.\(entry.owner).\(entry.field)"
                let component = self.manifest.component(entry.owner)
                position = component?.fieldPositions[entry.field] ?? component?.position ?? .unknown
            }
            self.report(field, at: position, entry.message, hint: entry.hint)
        }
    }

    private mutating func report(_ field: String, at position: SourcePosition, _ message: String, hint: String? = nil) {
        self.problems.append(
            Diagnostic(file: self.file, position: position, field: field, message: message, hint: hint))
    }

    // MARK: - Files of components

    private mutating func fill(_ locked: inout LockedComponent, from component: Manifest.Component) async {
        do throws(ContentFinder.Failure) {
            locked.source = try await self.finder.content(of: component)
        } catch {
            self.report(
                "component.\(component.id).source", at: component.sourcePosition, error.message, hint: error.hint)
        }
        var room = Self.dependencyLimit
        locked.dependencies = await self.dependencies(of: component, depth: 0, room: &room)
        if !component.files.isEmpty { locked.files = self.mounts(of: component) }
    }

    /// How many components one may be made of, and how deep they may nest: one that several depend on counts for each.
    private static let dependencyLimit = 1000
    private static let dependencyDepth = 20

    /// What is composed into a component, and into that. Manifests with circles are not read.
    private mutating func dependencies(
        of component: Manifest.Component, depth: Int, room: inout Int
    ) async -> [String: LockedDependency] {
        var found: [String: LockedDependency] = [:]
        for dependency in component.dependencies {
            guard room > 0, depth < Self.dependencyDepth else {
                self.report(
                    dependency.field, at: dependency.position,
                    "more than \(Self.dependencyLimit) dependencies, or more than \(Self.dependencyDepth) inside each other"
                )
                return found
            }
            room -= 1
            guard let name = dependency.name, let content = await self.content(of: dependency) else { continue }
            var locked = self.outline(dependency)
            locked.source = content
            if case .component(let id) = dependency.source, let inner = self.manifest.component(id) {
                locked.dependencies = await self.dependencies(of: inner, depth: depth + 1, room: &room)
            }
            found[name.text] = locked
        }
        return found
    }

    private mutating func fill(_ trigger: inout LockedTrigger) async {
        guard let described = self.manifest.triggers.first(where: { $0.id == trigger.id }) else { return }
        for (role, dependencies) in described.dependencies {
            for (index, dependency) in dependencies.enumerated() {
                guard let content = await self.content(of: dependency) else { continue }
                trigger.dependencies[role]?[index].source = content
            }
        }
    }

    private mutating func content(of dependency: Dependency) async -> LockedContent? {
        do throws(ContentFinder.Failure) {
            return try await self.finder.content(of: dependency)
        } catch {
            self.report(dependency.field, at: dependency.position, error.message, hint: error.hint)
            return nil
        }
    }

    private mutating func mounts(of component: Manifest.Component) -> [LockedMount] {
        var excluded: [Glob] = []
        for pattern in component.excludedFiles {
            do throws(Glob.ParseError) {
                excluded.append(try Glob(pattern))
            } catch {
                self.report(
                    "component.\(component.id).exclude_files",
                    at: component.fieldPositions["exclude_files"] ?? component.position, "`\(pattern)`: \(error)")
            }
        }
        let destination = self.workingDirectory.assets(of: component.id)
        let field = "component.\(component.id).files"
        do throws(FileMounter.Failure) {
            var mounter = try FileMounter(root: self.directory, destination: destination, excluded: excluded)
            if self.options.mountsDirectly { return self.directMounts(of: component, by: mounter) }
            for mount in component.files {
                do throws(FileMounter.Failure) {
                    try mounter.add(mount.kind)
                } catch {
                    self.report(mount.field, at: mount.position, error.message, hint: error.hint)
                }
            }
            try mounter.copyAll()
        } catch {
            self.report(
                field, at: component.fieldPositions["files"] ?? component.position, error.message, hint: error.hint)
        }
        return [LockedMount(directory: destination, guestPath: "/")]
    }

    private mutating func directMounts(of component: Manifest.Component, by mounter: FileMounter) -> [LockedMount] {
        guard component.excludedFiles.isEmpty else {
            self.report(
                "component.\(component.id).exclude_files",
                at: component.fieldPositions["exclude_files"] ?? component.position,
                "`--direct-mounts` cannot leave files out",
                hint: "remove `exclude_files`, or leave `--direct-mounts` out")
            return []
        }
        return component.files.compactMap { mount in
            do throws(FileMounter.Failure) {
                return try mounter.directMount(mount.kind)
            } catch {
                self.report(mount.field, at: mount.position, error.message, hint: error.hint)
                return nil
            }
        }
    }
}
