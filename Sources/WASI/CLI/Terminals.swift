package import ComponentModel

/// `wasi:cli/terminal-input.terminal-input`: made where standard input is a terminal.
package final class TerminalInputResource: WasiCliTerminalInput.TerminalInput {
    package init() {}
}

/// `wasi:cli/terminal-output.terminal-output`: made where the stream is a terminal.
package final class TerminalOutputResource: WasiCliTerminalOutput.TerminalOutput {
    package init() {}
}

/// `wasi:cli/terminal-stdin`.
package enum CliTerminalStdinFunctions: WasiCliTerminalStdin.Functions {
    package static func getTerminalStdin(in call: borrowing HostCall) throws -> TerminalInputResource? {
        call.host(WASIContext.self).terminals.contains(.stdin) ? TerminalInputResource() : nil
    }
}

/// `wasi:cli/terminal-stdout`.
package enum CliTerminalStdoutFunctions: WasiCliTerminalStdout.Functions {
    package static func getTerminalStdout(in call: borrowing HostCall) throws -> TerminalOutputResource? {
        call.host(WASIContext.self).terminals.contains(.stdout) ? TerminalOutputResource() : nil
    }
}

/// `wasi:cli/terminal-stderr`.
package enum CliTerminalStderrFunctions: WasiCliTerminalStderr.Functions {
    package static func getTerminalStderr(in call: borrowing HostCall) throws -> TerminalOutputResource? {
        call.host(WASIContext.self).terminals.contains(.stderr) ? TerminalOutputResource() : nil
    }
}

// The same in 0.3, where only the identities of the resources differ.

extension TerminalInputResource: WasiCliTerminalInputV3.TerminalInput {}
extension TerminalOutputResource: WasiCliTerminalOutputV3.TerminalOutput {}
extension CliTerminalStdinFunctions: WasiCliTerminalStdinV3.Functions {}
extension CliTerminalStdoutFunctions: WasiCliTerminalStdoutV3.Functions {}
extension CliTerminalStderrFunctions: WasiCliTerminalStderrV3.Functions {}

package typealias TerminalInputV3Resource = TerminalInputResource
package typealias TerminalOutputV3Resource = TerminalOutputResource
package typealias CliTerminalStdinV3Functions = CliTerminalStdinFunctions
package typealias CliTerminalStdoutV3Functions = CliTerminalStdoutFunctions
package typealias CliTerminalStderrV3Functions = CliTerminalStderrFunctions
