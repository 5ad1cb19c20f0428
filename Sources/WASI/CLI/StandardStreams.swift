package import ComponentModel

/// `wasi:cli/stdin` of 0.3.
package enum CliStdinV3Functions: WasiCliStdinV3.Functions {
    package static func readViaStream(
        in call: borrowing HostCall
    ) throws -> (ByteStream, ElementFuture<WITResult<Void, WasiCliTypesV3.ErrorCode>>) {
        let context = call.host(WASIContext.self)
        return InputProducer.make(
            context.stdin ?? BufferSource(), limit: context.limits.readBytes, errorCode: \.standardStreamCode)
    }
}

/// `wasi:cli/stdout` of 0.3.
package enum CliStdoutV3Functions: WasiCliStdoutV3.Functions {
    package static func writeViaStream(
        data: ByteStream, in call: borrowing HostCall
    ) throws -> ElementFuture<WITResult<Void, WasiCliTypesV3.ErrorCode>> {
        OutputConsumer.drain(
            data, into: call.host(WASIContext.self).makeStdoutTarget(), errorCode: \.standardStreamCode)
    }
}

/// `wasi:cli/stderr` of 0.3.
package enum CliStderrV3Functions: WasiCliStderrV3.Functions {
    package static func writeViaStream(
        data: ByteStream, in call: borrowing HostCall
    ) throws -> ElementFuture<WITResult<Void, WasiCliTypesV3.ErrorCode>> {
        OutputConsumer.drain(
            data, into: call.host(WASIContext.self).makeStderrTarget(), errorCode: \.standardStreamCode)
    }
}

extension ErrorResource {
    /// As `wasi:cli/types.error-code` tells it.
    fileprivate var standardStreamCode: WasiCliTypesV3.ErrorCode {
        if case .standardStream(let code, _) = self.cause { code } else { .io }
    }
}
