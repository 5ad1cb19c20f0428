import AppLoader
import AppModel
import Subprocess
import SystemPackage

/// Runs the build commands of an application, one after the other, with the terminal of this process.
struct Builder {
    private let context: CommandContext

    init(context: CommandContext) {
        self.context = context
    }

    /// Builds all components that say how. Throws at the first command that fails.
    func build(manifest path: String) async throws {
        let terminal = self.context.terminal
        let loader = ApplicationFiles(currentDirectory: self.context.currentDirectory)
        let plan = try BuildPlan(text: try loader.readText(path), file: loader.displayName(path))
        guard !plan.steps.isEmpty else {
            terminal.output("None of the components have a build command.")
            terminal.output("Say how a component is built with `command` in its `[component.<id>.build]`.")
            self.warn(about: plan)
            return
        }
        do {
            for step in plan.steps { try await self.run(step, in: Paths.parent(path)) }
        } catch {
            self.warn(about: plan)
            throw error
        }
        self.warn(about: plan)
        terminal.step("Finished", "building all Spin components")
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
