package import ComponentModel

/// `wasi:cli/environment`.
package enum CliEnvironmentFunctions: WasiCliEnvironment.Functions {
    package static func getEnvironment(in call: borrowing HostCall) throws -> [(String, String)] {
        call.host(WASIContext.self).environment
    }

    package static func getArguments(in call: borrowing HostCall) throws -> [String] {
        call.host(WASIContext.self).arguments
    }

    package static func initialCwd(in call: borrowing HostCall) throws -> String? {
        nil
    }
}

extension CliEnvironmentFunctions: WasiCliEnvironmentV3.Functions {
    package static func getInitialCwd(in call: borrowing HostCall) throws -> String? {
        nil
    }
}

package typealias CliEnvironmentV3Functions = CliEnvironmentFunctions

/// `wasi:cli/exit`: ends the guest by an error that is no fault.
package enum CliExitFunctions: WasiCliExit.Functions {
    package static func exit(status: WITResult<Void, Void>, in call: borrowing HostCall) throws {
        switch status {
        case .ok: throw GuestExit(status: 0)
        case .error: throw GuestExit(status: 1)
        }
    }

    package static func exitWithCode(statusCode: UInt8, in call: borrowing HostCall) throws {
        throw GuestExit(status: statusCode)
    }
}

extension CliExitFunctions: WasiCliExitV3.Functions {}

package typealias CliExitV3Functions = CliExitFunctions

/// `wasi:cli/stdin`.
package enum CliStdinFunctions: WasiCliStdin.Functions {
    package static func getStdin(in call: borrowing HostCall) throws -> InputStreamResource {
        call.host(WASIContext.self).makeStdin()
    }
}

/// `wasi:cli/stdout`.
package enum CliStdoutFunctions: WasiCliStdout.Functions {
    package static func getStdout(in call: borrowing HostCall) throws -> OutputStreamResource {
        call.host(WASIContext.self).makeStdout()
    }
}

/// `wasi:cli/stderr`.
package enum CliStderrFunctions: WasiCliStderr.Functions {
    package static func getStderr(in call: borrowing HostCall) throws -> OutputStreamResource {
        call.host(WASIContext.self).makeStderr()
    }
}
