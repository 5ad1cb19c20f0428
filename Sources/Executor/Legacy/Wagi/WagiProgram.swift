package import AppModel
package import HTTP
package import Logging
import NIOCore
package import WASI
package import WasmEngine

/// A program that answers requests by the rules of Wagi, which are those of CGI: the request is its environment and its
/// standard input, the response its standard output. Each request runs it once, from beginning to end.
///
/// Source: Spin's `wagi` executor (`spin-parity.md` 2.4); RFC 3875.
package final class WagiProgram: Sendable {
    package let id: String
    private let program: CommandProgram
    private let settings: WagiSettings
    private let configuration: WASIConfiguration
    private let limits: GuestLimits
    private let output: any ComponentOutput
    private let logger: Logger

    /// The most bytes of a program's output: it is held as a whole.
    private static let mostBytes = BodyReader.mostBytes

    /// - Parameter configuration: without arguments, which each request brings.
    package init(
        id: String, program: CommandProgram, settings: WagiSettings, configuration: WASIConfiguration,
        limits: GuestLimits, output: any ComponentOutput, logger: Logger
    ) {
        self.id = id
        self.program = program
        self.settings = settings
        self.configuration = configuration
        self.limits = limits
        self.output = output
        self.logger = logger
    }

    /// How many of its instances the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? { self.program.capacity(of: engine) }

    /// Answers one request.
    ///
    /// - Parameters:
    ///   - head: the request's head as the guest is to see it.
    ///   - extraFields: what other components get as header fields of the host's.
    ///   - slices: of the exchange's event loop.
    ///   - ended: called once, when the program is gone.
    package func answer(
        _ exchange: Exchange, head: RequestHead, extraFields: [(String, String)], slices: SliceQueue,
        ended: @escaping () -> Void
    ) {
        let limit = self.limits.startTimeout(on: exchange.eventLoop)
        // The length of the body is in the environment, so all of it is read before anything runs.
        BodyReader.read(
            exchange, within: self.limits.wholeBodies, limit: limit, log: { self.log(exchange, $0) }, ended: ended
        ) { body in
            let environment = WagiEnvironment(head, extraFields, bodyLength: body.bytes.readableBytes)
            self.run(exchange, environment, body.bytes, limit: limit, slices: slices) {
                body.claim.giveBack()
                ended()
            }
        }
    }

    private func run(
        _ exchange: Exchange, _ environment: WagiEnvironment, _ body: ByteBuffer, limit: TimeLimit?,
        slices: SliceQueue, ended: @escaping () -> Void
    ) {
        let log = self.output.open()
        let stdout = WagiOutput(limit: Self.mostBytes, within: self.limits.wholeBodies)
        let context = WASIContext(
            configuration: self.configuration, eventLoop: exchange.eventLoop, stdin: BufferSource(body),
            stdout: stdout, stderr: log.stderr)
        context.arguments = environment.arguments(self.settings.arguments)
        // What the manifest says comes first: a request cannot change it.
        let own = Set(context.environment.map(\.0))
        context.environment += environment.variables.filter { !own.contains($0.0) }
        context.callDepth = exchange.callDepth
        var hasEnded = false
        let end = {
            hasEnded = true
            exchange.onClose = nil
            log.close()
            ended()
        }
        let limits = CommandProgram.Limits(
            maxMemory: self.limits.store.maxMemoryBytes,
            timeout: limit, processorTime: self.limits.processorTime)
        let run = self.program.start(context, limits: limits, slices: slices) { result, backtrace in
            self.finish(exchange, stdout, result, backtrace)
            end()
        }
        guard !hasEnded else { return }
        exchange.onClose = {
            run.cancel()
            end()
        }
    }

    private func finish(
        _ exchange: Exchange, _ output: WagiOutput, _ result: Result<CommandProgram.End, any Error>,
        _ backtrace: [Trap.Frame]
    ) {
        switch result {
        case .failure(let error):
            self.log(exchange, "the program failed: \(error)\(backtrace.listing)")
            return exchange.respond(status: 500)
        case .success(.exited(let status)) where status != 0:
            self.log(exchange, "the program exited with \(status)")
            return exchange.respond(status: 500)
        case .success(.returned(succeeded: false)): self.log(exchange, "the program says that it failed")
        case .success: break
        }
        switch output.excess {
        case .limit:
            self.log(exchange, "the program wrote more than \(Self.mostBytes) bytes")
            return exchange.respond(status: 500)
        case .budget:
            self.log(exchange, "there is no room for what the program wrote beside the bodies of other requests")
            return exchange.respondBusy()
        case nil: break
        }
        guard output.buffer.readableBytes > 0 else {
            self.log(
                exchange,
                "it is run by the `wagi` executor, but wrote nothing to its standard output: does it handle requests in "
                    + "another way? Look at `executor` in the manifest")
            return exchange.respond(status: 500)
        }
        guard let response = CGIResponse(output.buffer) else {
            self.log(exchange, "its output has no `content-type`, `location` or `status` before an empty line")
            return exchange.respond(
                status: 500, body: "Exactly one of 'location' or 'content-type' must be specified")
        }
        for line in response.ignored { self.log(exchange, "a header line of its output is ignored: \(line)") }
        exchange.response.writeHead(ResponseHead(status: response.status, fields: response.fields))
        exchange.response.write(response.body)
        exchange.response.finish()
    }

    private func log(_ exchange: Exchange, _ message: String) {
        self.logger.error("component \(self.id): \(exchange.head.method) \(exchange.head.path): \(message)")
    }
}

/// Keeps what a program writes.
private final class WagiOutput: OutputSink {
    enum Excess {
        /// More than one program may write.
        case limit
        /// More than there is room for now.
        case budget
    }

    private(set) var buffer = ByteBuffer()
    private(set) var excess: Excess?
    private let limit: Int
    private let claim: ByteClaim

    init(limit: Int, within budget: ByteBudget) {
        self.limit = limit
        self.claim = ByteClaim(budget)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        if self.excess == nil {
            if self.buffer.readableBytes + bytes.count > self.limit {
                self.excess = .limit
            } else if !self.claim.grow(by: bytes.count) {
                self.excess = .budget
            }
        }
        guard self.excess == nil else {
            self.buffer = ByteBuffer()
            self.claim.giveBack()
            throw OutputClosedError()
        }
        self.buffer.writeBytes(bytes)
    }
}
