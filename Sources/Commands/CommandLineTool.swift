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

    private static func run(_ given: [String], terminal: Terminal) async -> Int32 {
        // As Spin's; the parser knows no short name for it.
        let arguments = given == ["-V"] ? ["--version"] : given
        // The parser shows the help of what is above a command that does not exist.
        if arguments.first == "help", Self.unknownCommand(arguments) != nil {
            return Self.reportUsage(ValidationError(""), arguments: arguments, terminal: terminal)
        }
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
        } catch let mistake as UsageMistake {
            return Self.reportUsage(mistake.error, arguments: mistake.arguments, terminal: terminal)
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
            let text = Swirl.fullMessage(for: error)
            let isScript = arguments.first?.hasPrefix("--generate-completion-script") == true
            terminal.output(isScript ? CompletionScript.addingAliases(text) : text)
            return 0
        }
        let isHelp = arguments.first == "help"
        if let message = NotProvided.message(for: isHelp ? Array(arguments.dropFirst()) : arguments) {
            terminal.error(message)
            return 2
        }
        if let unknown = Self.unknownCommand(arguments) {
            let hint = unknown.meant.map { "did you mean `\($0)`?" } ?? "`swirl --help` lists the commands"
            terminal.error("there is no command `\(unknown.name)`\n  hint: \(hint)")
            return 2
        }
        let text = Swirl.fullMessage(for: error)
        let label = "Error: "
        if text.hasPrefix(label) {
            terminal.error(String(text.dropFirst(label.count)))
        } else {
            terminal.note(text)
        }
        if let path = Self.forgottenSource(arguments) {
            terminal.note("\n  hint: did you mean `swirl up -f \(path)`?")
        }
        return 2
    }

    /// The word that stands for a command and is none, and what was probably meant: the first one, or one after `help`.
    private static func unknownCommand(_ arguments: [String]) -> (name: String, meant: String?)? {
        let isHelp = arguments.first == "help"
        var path = isHelp ? "swirl help" : "swirl"
        var words = arguments.dropFirst(isHelp ? 1 : 0)
        var commands = Swirl.configuration.subcommands
        while let word = words.popFirst(), !word.hasPrefix("-"), word != "help", !commands.isEmpty {
            guard
                let command = commands.first(where: { $0.is(named: word) })
            else {
                let names = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
                let meant = NearestName.find(word, in: names).map { "\(path) \($0)" }
                return (word, Self.isFile(word) && !isHelp ? "swirl up -f \(word)" : meant)
            }
            guard isHelp else { return nil }
            path += " \(command._commandName)"
            commands = command.configuration.subcommands
        }
        return nil
    }

    private static func isFile(_ name: String) -> Bool {
        Paths.kind(Paths.absolute(name, in: CommandContext.current.currentDirectory)) != .none
    }

    /// The arguments of `swirl up`, and what is none of its options.
    private struct UpWords: ParsableArguments {
        @OptionGroup var options: UpOptions
        @Argument(parsing: .allUnrecognized) var others: [String] = []
    }

    /// The path in `swirl up path`, whatever options stand beside it; Spin hints by the same rule.
    private static func forgottenSource(_ arguments: [String]) -> String? {
        guard let first = arguments.first, UpCommand.is(named: first),
            let words = try? UpWords.parse(Array(arguments.dropFirst())), words.options.source == nil,
            words.options.fromRegistry == nil, let path = words.others.first, !path.hasPrefix("-")
        else { return nil }
        return path
    }
}

/// A mistake in arguments that are those of another command.
struct UsageMistake: Error {
    /// What its parser threw.
    let error: any Error
    /// Those of the other command, its name first.
    let arguments: [String]
}

extension ParsableCommand {
    /// Whether a word of the command line stands for the command.
    fileprivate static func `is`(named word: String) -> Bool {
        Self._commandName == word || Self.configuration.aliases.contains(word)
    }
}
