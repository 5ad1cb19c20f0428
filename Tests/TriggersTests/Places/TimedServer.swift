import AppModel
import ComponentModel
import Executor
import Foundation
import HTTP
import Logging
import NIOCore
import NIOEmbedded
import Triggers
import WASI
import WasmEngine

/// One guest behind the HTTP trigger, on an event loop whose clock the test moves. The clocks of guests do not move.
final class TimedServer {
    private struct NoOutput: ComponentOutput {
        func open() -> InstanceOutput { InstanceOutput(stdout: nil, stderr: nil) {} }
    }

    /// A request that was sent.
    final class Sent {
        let collector = ResponseCollector()
        let body: InboundBody
        private let exchange: Exchange

        fileprivate init(_ loop: EmbeddedEventLoop, bodyLength: Int) {
            self.body = InboundBody(eventLoop: loop, declaredLength: bodyLength)
            self.exchange = Exchange(
                head: RequestHead(method: "POST", target: "/", authority: "x.org"), body: self.body,
                collector: self.collector, eventLoop: loop)
        }

        fileprivate func handle(_ trigger: HTTPTrigger) { trigger.handle(self.exchange) }

        var status: Int? { self.collector.head?.status }

        /// The client goes away: what the server does then.
        func leave() {
            self.exchange.response.close()
            let callback = self.exchange.onClose
            self.exchange.onClose = nil
            callback?()
            self.exchange.response.notify()
        }
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let loop = EmbeddedEventLoop()
    private let trigger: HTTPTrigger

    /// - Parameters:
    ///   - code: a handler of WASI 0.3: see `Tests/Guests/src/concurrent/component.wat.in`, and `aread`, which is
    ///     `read` that does not wait.
    ///   - places: requests at a time; one more may wait for 10 s, and more are refused.
    convenience init(
        _ code: String, timeout: Duration? = nil, places: Int = 1, reuse: InstanceReuse = TimedServer.reuse()
    ) throws {
        try self.init(
            ModuleRig.load(Engine.assemble(Self.text(code))), timeout: timeout, places: places, reuse: reuse)
    }

    convenience init(
        _ component: Component, timeout: Duration?, places: Int = 1, reuse: InstanceReuse = TimedServer.reuse()
    ) throws {
        let component = try HTTPComponent(
            id: "p", component: component, configuration: WASIConfiguration(),
            limits: GuestLimits(timeout: timeout.map { ChoiceRange($0) }), reuse: reuse, output: NoOutput(),
            logger: Self.logger)
        try self.init(components: ["p": component], programs: [:], places)
    }

    convenience init(_ program: CommandProgram, timeout: Duration) throws {
        let program = WagiProgram(
            id: "p", program: program, settings: WagiSettings(), configuration: WASIConfiguration(),
            limits: GuestLimits(timeout: ChoiceRange(timeout)), output: NoOutput(), logger: Self.logger)
        try self.init(components: [:], programs: ["t": program], 1)
    }

    private init(components: [String: HTTPComponent], programs: [String: WagiProgram], _ places: Int) throws {
        var capacity = HTTPTrigger.Capacity(live: places)
        capacity.queued = 1
        self.trigger = HTTPTrigger(
            router: Router([try Route(triggerID: "t", componentID: "p", route: "/...")]), components: components,
            programs: programs, eventLoops: [self.loop], capacity: capacity)
    }

    /// Instances that are kept without requests for longer than any test takes.
    static func reuse(count: Int = 128) -> InstanceReuse {
        var reuse = InstanceReuse()
        reuse.count = ChoiceRange(count)
        reuse.idleTimeout = ChoiceRange(.seconds(3600))
        return reuse
    }

    private static func text(_ code: String) throws -> String {
        var text = try ModuleRig.guest("src/concurrent/component.wat.in").split(separator: "\n")
            .filter { !$0.hasPrefix(";; ") }.joined(separator: "\n")
        if !code.contains("\"callback\"") {
            text.replace("CODE", with: #"CODE (func (export "callback") (param i32 i32 i32) (result i32) unreachable)"#)
        }
        for (old, new) in [
            ("VERSION", "0.3.0"), ("CLOCKS", "0.3.0"), ("CODE", code),
            (
                "  (core module $main",
                """
                (core func $aread (canon stream.read $bytes async (memory $memory)))
                (core module $main
                (import "h" "aread" (func $aread (param i32 i32 i32) (result i32)))
                """
            ),
            (#"(export "fields" (func $fields))"#, #"(export "fields" (func $fields)) (export "aread" (func $aread))"#),
        ] { text.replace(old, with: new) }
        return text
    }

    func send(bodyLength: Int = 0) -> Sent {
        let sent = Sent(self.loop, bodyLength: bodyLength)
        sent.handle(self.trigger)
        self.settle()
        return sent
    }

    /// Does what can be done now. Guests that compute for long go on with the clock.
    func settle() {
        for _ in 0..<3 { self.loop.advanceTime(by: .microseconds(50)) }
    }

    func pass(_ time: TimeAmount) {
        self.loop.advanceTime(by: time)
        self.settle()
    }
}
