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
        terminal.note(Swirl.fullMessage(for: error))
        if let hint = Self.hint(for: arguments) { terminal.note("\n  hint: did you mean `\(hint)`?") }
        return 2
    }

    /// What was probably meant.
    private static func hint(for arguments: [String]) -> String? {
        if let path = Self.forgottenSource(arguments) { return "swirl up -f \(path)" }
        let names = Swirl.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else { return nil }
        return NearestName.find(first, in: names).map { "swirl \($0)" }
    }

    /// The path in `swirl up path`.
    private static func forgottenSource(_ arguments: [String]) -> String? {
        guard arguments.count == 2, ["up", "u"].contains(arguments[0]), !arguments[1].hasPrefix("-") else { return nil }
        return arguments[1]
    }
}
