package import ComponentModel

/// `wasi:io/error.error`: why a stream's last operation failed.
package final class ErrorResource: WasiIoError.Error {
    /// What failed; other interfaces look inside with their `…-error-code` functions.
    package enum Cause {
        case http(WasiHttpTypes.ErrorCode)
        case filesystem(WasiFilesystemTypes.ErrorCode)
        case socket(WasiSocketsNetwork.ErrorCode)
        case standardStream(WasiCliTypesV3.ErrorCode, String)
        case other(String)
    }

    package let cause: Cause

    package init(_ cause: Cause) {
        self.cause = cause
    }

    package func toDebugString(in call: borrowing HostCall) throws -> String {
        self.description
    }
}

extension ErrorResource: CustomStringConvertible {
    package var description: String {
        switch self.cause {
        case .http(let code): "HTTP error: \(code)"
        case .filesystem(let code): "file system error: \(code)"
        case .socket(let code): "socket error: \(code)"
        case .standardStream(_, let message), .other(let message): message
        }
    }
}
