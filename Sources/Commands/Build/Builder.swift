import AppLoader
import AppModel
import Subprocess
import SystemPackage

/// Runs the build commands of an application, one after the other, with the terminal of this process.
struct Builder {
    private let context: CommandContext
    private let profile: String?
    /// The components to build; all when empty.
    private let components: [String]
    var skipsTargetChecks = false
    var skipsInterfaces = false
    /// Builds nothing when any mistake is in the manifest, rather than tell it at the end: what is built is used at once.
    var needsManifest = false

    init(context: CommandContext, profile: String? = nil, components: [String] = []) {
        self.context = context
        self.profile = profile
        self.components = components
    }

    /// Builds the components that say how. Throws at the first command that fails.
    func build(manifest path: String, stateDirectory: String?) async throws {
        let terminal = self.context.terminal
        let loader = ApplicationFiles(currentDirectory: self.context.currentDirectory)
        var plan = try BuildPlan(
            text: try loader.readText(path), file: loader.displayName(path), profile: self.profile)
        if self.needsManifest, let error = plan.manifestError { throw error }
        try self.select(&plan)
        if !plan.cycle.isEmpty {
            terminal.warning(
                "components depend on each other in a circle: "
                    + plan.cycle.map { "`\($0)`" }.joined(separator: ", ")
                    + "\n  They are built in the order of the manifest.")
        }
        let interfaces = self.interfaces(plan, path)
        guard !plan.steps.isEmpty else {
            await self.write(interfaces, for: plan.manifest?.components ?? [])
            terminal.output(
                self.components.isEmpty
                    ? "None of the components have a build command."
                    : "None of the selected components have a build command.")
            terminal.output("Say how a component is built with `command` in its `[component.<id>.build]`.")
            self.warn(about: plan)
            try await self.checkTargets(plan, path)
            return
        }
        do {
            let built = Set(plan.steps.map(\.component))
            await self.write(interfaces, for: (plan.manifest?.components ?? []).filter { !built.contains($0.id) })
            for step in plan.steps {
                // Its dependencies are built by now.
                let folder = step.build.workdir
                await self.write(
                    interfaces,
                    for: (plan.manifest?.components ?? []).filter { $0.build != nil && $0.build?.workdir == folder })
                try await self.run(step, in: Paths.parent(path))
            }
        } catch {
            self.warn(about: plan)
            throw error
        }
        self.warn(about: plan)
        BuildRecord(stateDirectory: stateDirectory)?.write(profile: self.profile)
        terminal.step("Finished", "building all Spin components")
        try await self.checkTargets(plan, path)
    }

    // MARK: - Interfaces of dependencies

    private func interfaces(_ plan: BuildPlan, _ path: String) -> DependencyInterfacesFile? {
        guard !self.skipsInterfaces, let manifest = plan.manifest else { return nil }
        return DependencyInterfacesFile(
            manifest: manifest, directory: Paths.parent(path),
            finder: ContentFinder(manifest, path: path, options: self.loading))
    }

    private func write(_ file: DependencyInterfacesFile?, for components: [Manifest.Component]) async {
        let wanted = components.filter { self.components.isEmpty || self.components.contains($0.id) }
        guard let file, !wanted.isEmpty else { return }
        let failures = await file.write(for: wanted)
        guard !failures.isEmpty else { return }
        self.context.terminal.warning(
            "\(DependencyInterfacesFile.name) could not be written for all dependencies; components that are built with it"
                + " may fail to build:\n"
                + failures.map { "  \($0.component): \($0.reason)" }.joined(separator: "\n")
                + "\n  hint: --skip-generate-wits leaves it out")
    }

    // MARK: - Targets

    private func checkTargets(_ plan: BuildPlan, _ path: String) async throws {
        guard !self.skipsTargetChecks else { return }
        guard let manifest = plan.manifest else { return }
        guard TargetChecker.isNeeded(manifest) else { return }
        let loading = self.loading
        let catalogue = CacheDirectory.path(environment: self.context.environment)
        // Spin's own is good enough where there is no network to get ours.
        let environments = EnvironmentFinder(
            directory: Paths.parent(path),
            catalogues: [catalogue, catalogue.map { Paths.parent($0) + "/spin" }].compactMap { $0 }
                .map { Paths.join($0, "environments") },
            exchange: self.context.httpExchange, cache: loading.contentCache, registries: loading.registries)
        let checker = TargetChecker(
            context: self.context, manifest: manifest,
            file: ApplicationFiles(currentDirectory: self.context.currentDirectory).displayName(path),
            directory: Paths.parent(path), components: self.components,
            finder: ContentFinder(manifest, path: path, options: loading), environments: environments,
            catalogue: EnvironmentCatalogue(
                directory: catalogue.map { Paths.join($0, "environments") }, context: self.context))
        let problems: [String]
        do {
            problems = try await checker.problems()
        } catch {
            throw CommandError(
                "the application cannot be checked against its target environments"
                    + "\n  hint: --skip-target-checks leaves it out", cause: error)
        }
        guard !problems.isEmpty else { return }
        for problem in problems { self.context.terminal.error(problem) }
        throw CommandError(
            "all components are built, but what is told above cannot run in the target environments"
                + "\n  hint: --skip-target-checks leaves the check out")
    }

    /// How what is not here is found.
    private var loading: ApplicationLoader.Options {
        var options = ApplicationLoader.Options()
        options.contentCache = CacheDirectory.path(environment: self.context.environment)
            .map { self.context.contentCache($0) }
        options.registries = self.context.registries()
        return options
    }

    private func select(_ plan: inout BuildPlan) throws(CommandError) {
        guard !self.components.isEmpty else { return }
        let unknown = self.components.filter { !plan.componentIDs.contains($0) }
        guard unknown.isEmpty else {
            throw CommandError(
                LockedApp.SelectionError.unknown(unknown, known: plan.componentIDs).description)
        }
        plan.steps.removeAll { !self.components.contains($0.component) }
    }

    /// Told after building, so that the output of the commands does not bury it.
    private func warn(about plan: BuildPlan) {
        guard let error = plan.manifestError else { return }
        self.context.terminal.warning("the manifest has mistakes that do not concern building:\n\(error)")
    }

    private func run(_ step: BuildPlan.Step, in directory: String) async throws {
        let terminal = self.context.terminal
        let commands = step.build.commands
        if commands.count > 1 {
            terminal.step("Building", "component \(step.component) (\(commands.count) commands)")
        }
        let workdir = step.build.workdir.map { Paths.absolute($0, in: directory) } ?? directory
        guard Paths.kind(workdir) == .directory else {
            throw CommandError("the `workdir` of component `\(step.component)` is no directory: `\(workdir)`")
        }
        for (index, command) in commands.enumerated() {
            if commands.count > 1 {
                terminal.step(
                    "Running build step",
                    "\(index + 1)/\(commands.count) for component \(step.component) with `\(command)`")
            } else {
                terminal.step("Building", "component \(step.component) with `\(command)`")
            }
            if step.build.workdir != nil { terminal.output("Working directory: `\(workdir)`") }
            try await self.run(command, of: step.component, in: workdir)
        }
    }

    private func run(_ command: String, of component: String, in directory: String) async throws {
        let status: TerminationStatus
        do {
            // The descriptors are handed on, so a command can ask the user and draw its progress.
            status = try await Subprocess.run(
                .path("/bin/sh"), arguments: ["-c", command], workingDirectory: FilePath(directory),
                input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
                output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
                error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
            ).terminationStatus
        } catch {
            throw CommandError("cannot start the build command of component `\(component)`", cause: error)
        }
        switch status {
        case .exited(0): return
        case .exited(let code):
            throw CommandError("the build command of component `\(component)` failed with exit code \(code)")
        case .signaled(let signal):
            throw CommandError("the build command of component `\(component)` was ended by signal \(signal)")
        }
    }
}
