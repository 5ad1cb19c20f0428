import ComponentModel
import WasmEngine

/// Why a module, component or call of a script did not do what it does when all is well.
package enum RunFailure: Error, Hashable {
    /// The text does not assemble.
    case text(String)
    /// The binary is malformed or invalid.
    case invalid(String)
    /// It may be valid, but this runtime cannot run it.
    case unsupported(String)
    /// An import is missing or of another type.
    case link(String)
    /// The guest trapped, or broke a rule of the Canonical ABI.
    case trap(String)
    /// The guest used up its stack.
    case exhaustion(String)
    /// The guest threw an exception that nobody caught.
    case exception(String)
    /// The script names something that does not exist, or passes values of other types.
    case script(String)
    /// The runner cannot do what the script asks for.
    case runner(String)
    /// What the command needs came from a line that failed.
    case dependency(line: Int)
    /// Neither the guest's nor the script's fault.
    case host(String)

    /// Sorts what the runtime threw.
    init(_ error: any Error) {
        switch error {
        case let error as RunFailure: self = error
        case let error as ComponentError:
            switch error.kind {
            case .unsupported: self = .unsupported("\(error)")
            case .malformed, .invalid: self = .invalid("\(error)")
            }
        case let error as LinkError: self = .link("\(error)")
        case let error as GuestFault: self = .trap("\(error)")
        case let error as Deadlock: self = .trap("\(error)")
        case let error as ValueError: self = .script("\(error)")
        case let error as UnprovidedFunction: self = .host("\(error)")
        case is ProcessorTimeExceeded: self = .host("the time limit is over")
        case let error as EngineError: self = Self.engine(error)
        case WasmFailure.trap(let trap):
            switch trap.code {
            case .stackOverflow: self = .exhaustion(trap.message)
            case .uncaughtException: self = .exception(trap.message)
            case .deadline: self = .host("the time limit is over")
            default: self = .trap(trap.message)
            }
        case WasmFailure.host(let error): self = RunFailure(error)
        case WasmFailure.engine(let error): self = Self.engine(error)
        default: self = .host("\(error)")
        }
    }

    private static func engine(_ error: EngineError) -> RunFailure {
        switch error.kind {
        case .assembly: .text(error.message)
        case .invalidModule: .invalid(error.message)
        case .linking: .link(error.message)
        case .instantiation: .link(error.message)
        case .library, .configuration, .misuse, .other: .host(error.message)
        }
    }

    /// What happened, as a clause.
    package var description: String {
        switch self {
        case .text(let message): "the text does not assemble: \(Self.shortened(message))"
        case .invalid(let message): "refused: \(message)"
        case .unsupported(let message): "not supported: \(message)"
        case .link(let message): "does not link: \(message)"
        case .trap(let message): "trap: \(message)"
        case .exhaustion(let message): "exhaustion: \(message)"
        case .exception(let message): "exception: \(message)"
        case .script(let message): "the script does not fit: \(message)"
        case .runner(let message): "the runner cannot: \(message)"
        case .dependency(let line): "line \(line) failed"
        case .host(let message): "failure of the host: \(message)"
        }
    }

    /// The assembler's reports show the source in several lines.
    private static func shortened(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }.prefix(2)
            .joined(separator: " ")
    }
}
