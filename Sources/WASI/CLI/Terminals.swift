package import ComponentModel

/// `wasi:cli/terminal-input.terminal-input`: never made, a server's guest has no terminal.
package final class TerminalInputResource: WasiCliTerminalInput.TerminalInput {
    private init() {}
}

/// `wasi:cli/terminal-output.terminal-output`: never made.
package final class TerminalOutputResource: WasiCliTerminalOutput.TerminalOutput {
    private init() {}
}

/// `wasi:cli/terminal-stdin`.
package enum CliTerminalStdinFunctions: WasiCliTerminalStdin.Functions {
    package static func getTerminalStdin(in call: borrowing HostCall) throws -> TerminalInputResource? { nil }
}

/// `wasi:cli/terminal-stdout`.
package enum CliTerminalStdoutFunctions: WasiCliTerminalStdout.Functions {
    package static func getTerminalStdout(in call: borrowing HostCall) throws -> TerminalOutputResource? { nil }
}

/// `wasi:cli/terminal-stderr`.
package enum CliTerminalStderrFunctions: WasiCliTerminalStderr.Functions {
    package static func getTerminalStderr(in call: borrowing HostCall) throws -> TerminalOutputResource? { nil }
}
