import AppLoader
import AppModel
import ArgumentParser

/// Parses arguments, runs the command, reports errors: what `main` calls.
package enum CommandLineTool {
    /// Runs one command. Gives the exit code: 0, 1 for a failure, 2 for a mistake in the arguments.
    package static func run(_ arguments: [String], context: CommandContext = .process) async -> Int32 {
        await CommandContext.$current.withValue(context) {
            await Self.run(arguments, terminal: context.terminal)
        }
    }

    private static func run(_ arguments: [String], terminal: Terminal) async -> Int32 {
        var command: any ParsableCommand
        do {
            command = try Swirl.parseAsRoot(arguments)
        } catch {
            return Self.reportUsage(error, arguments: arguments, terminal: terminal)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as ExitCode {
            return error.rawValue
        } catch let error where error is ValidationError || Swirl.exitCode(for: error).isSuccess {
            // Help is asked for here as well.
            return Self.reportUsage(error, arguments: arguments, terminal: terminal)
        } catch {
            CommandError.report(error, to: terminal)
            return (error as? CommandError)?.exitCode ?? 1
        }
    }

    private static func reportUsage(_ error: any Error, arguments: [String], terminal: Terminal) -> Int32 {
        // Help, version and completion scripts arrive here as well.
        guard !Swirl.exitCode(for: error).isSuccess else {
            terminal.output(Swirl.fullMessage(for: error))
            return 0
        }
        if let message = NotProvided.message(for: arguments) {
            terminal.error(message)
            return 2
        }
        if let name = Self.unknownCommand(arguments) {
            let hint = Self.hint(for: arguments).map { "did you mean `\($0)`?" } ?? "`swirl --help` lists the commands"
            terminal.error("there is no command `\(name)`\n  hint: \(hint)")
            return 2
        }
        terminal.note(Swirl.fullMessage(for: error))
        if let hint = Self.hint(for: arguments) { terminal.note("\n  hint: did you mean `\(hint)`?") }
        return 2
    }

    /// The first argument, if it stands for a command and is none.
    private static func unknownCommand(_ arguments: [String]) -> String? {
        let commands = Swirl.configuration.subcommands.map { $0.configuration }
        let names = commands.compactMap(\.commandName) + commands.flatMap(\.aliases) + ["help"]
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else { return nil }
        return first
    }

    /// What was probably meant.
    private static func hint(for arguments: [String]) -> String? {
        if let path = Self.forgottenSource(arguments) { return "swirl up -f \(path)" }
        guard let name = Self.unknownCommand(arguments) else { return nil }
        if Paths.kind(Paths.absolute(name, in: CommandContext.current.currentDirectory)) != .none {
            return "swirl up -f \(name)"
        }
        let names = Swirl.configuration.subcommands.compactMap { $0.configuration.commandName }
        return NearestName.find(name, in: names).map { "swirl \($0)" }
    }

    /// The path in `swirl up path`.
    private static func forgottenSource(_ arguments: [String]) -> String? {
        guard arguments.count == 2, ["up", "u"].contains(arguments[0]), !arguments[1].hasPrefix("-") else { return nil }
        return arguments[1]
    }
}
