import AppModel
import ComponentModel
import Executor
import HTTP
import Logging
import NIOCore
import NIOPosix
import Testing
import Triggers
import WASI
import WasmEngine

/// Programs in text, run by the trigger as the `wagi` executor does.
@Suite struct WagiTests {
    private struct Answer: Sendable {
        var status: Int?
        var fields: [String: String] = [:]
        var body: String
        var isFinished: Bool
    }

    private struct NoOutput: ComponentOutput {
        func open() -> InstanceOutput { InstanceOutput(stdout: nil, stderr: nil) {} }
    }

    private static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }

    private func answer(
        _ text: String, _ head: RequestHead = RequestHead(method: "GET", target: "/", authority: "a"),
        body: String = "",
        route: String = "/...", settings: WagiSettings = WagiSettings(), environment: [(String, String)] = [],
        limits: GuestLimits = GuestLimits()
    ) async throws -> Answer {
        let engine = try Self.engine.get()
        let module = try Engine.assemble(text).withUnsafeBytes { try engine.compile($0) }
        let wagi = WagiProgram(
            id: "p", program: try CommandProgram(.coreModule(module), engine: engine, path: "p.wasm"),
            settings: settings, configuration: WASIConfiguration(environment: environment), limits: limits,
            output: NoOutput(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = Router([try Route(triggerID: "t", componentID: "p", route: route)])
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let trigger = HTTPTrigger(
            router: router, components: [:], programs: ["t": wagi], eventLoops: [loop], capacity: .init(live: 2))
        loop.execute {
            let collector = ResponseCollector()
            collector.onProgress = { collector in
                guard collector.isFinished || collector.isAborted else { return }
                var answer = Answer(
                    status: collector.head?.status, body: String(buffer: collector.body),
                    isFinished: collector.isFinished)
                for index in 0..<(collector.head?.fields.count ?? 0) {
                    guard let fields = collector.head?.fields else { break }
                    answer.fields[fields.name(at: index)] = fields.value(at: index)
                }
                promise.succeed(answer)
            }
            trigger.handle(
                Exchange(
                    head: head,
                    body: body.isEmpty ? nil : InboundBody(eventLoop: loop, bytes: ByteBuffer(string: body)),
                    collector: collector, eventLoop: loop))
        }
        return try await promise.futureResult.get()
    }

    private static let imports = """
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 4)
        (func $write (param $at i32) (param $count i32)
          (i32.store (i32.const 1024) (local.get $at))
          (i32.store (i32.const 1028) (local.get $count))
          (drop (call $fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1032))))
        """

    /// Writes its environment, its arguments and its input, each text ended by a zero.
    private static let mirror = """
        (module \(Self.imports)
          (data (i32.const 0) "content-type: text/plain\\n\\n")
          (func (export "_start")
            (call $write (i32.const 0) (i32.const 26))
            (drop (call $environ_sizes (i32.const 1040) (i32.const 1044)))
            (drop (call $environ (i32.const 4096) (i32.const 16384)))
            (call $write (i32.const 16384) (i32.load (i32.const 1044)))
            (drop (call $args_sizes (i32.const 1040) (i32.const 1044)))
            (drop (call $args (i32.const 4096) (i32.const 16384)))
            (call $write (i32.const 16384) (i32.load (i32.const 1044)))
            (i32.store (i32.const 1048) (i32.const 65536))
            (i32.store (i32.const 1052) (i32.const 65536))
            (loop $more
              (drop (call $read (i32.const 0) (i32.const 1048) (i32.const 1) (i32.const 1056)))
              (call $write (i32.const 65536) (i32.load (i32.const 1056)))
              (br_if $more (i32.load (i32.const 1056))))))
        """

    /// Writes a text and then does `body`.
    private static func says(_ text: String, _ body: String = "") -> String {
        let bytes = text.utf8.map { String(UInt($0) + 256, radix: 16).dropFirst() }.map { "\\\($0)" }.joined()
        return """
            (module \(Self.imports)
              (data (i32.const 0) "\(bytes)")
              (func (export "_start") (call $write (i32.const 0) (i32.const \(text.utf8.count))) \(body)))
            """
    }

    /// Bodies are whole in memory: those of all requests together have a limit, and so has what programs write.
    @Test func wholeBodiesShareABudget() async throws {
        var limits = GuestLimits()
        limits.wholeBodies = ByteBudget(10_000)
        let text = String(repeating: "x", count: 4000)
        // Input and output of one request; given back each time.
        for _ in 0..<3 { #expect(try await self.answer(Self.mirror, body: text, limits: limits).status == 200) }
        #expect(limits.wholeBodies.usedBytes == 0)
        let others = try #require(limits.wholeBodies.claim(4000))
        // There is room for the input, but not for the output as well; then not even for the input.
        for body in [text, text + text] {
            let refused = try await self.answer(Self.mirror, body: body, limits: limits)
            #expect(refused.status == 503)
            #expect(refused.fields["retry-after"] == "1")
        }
        others.giveBack()
        #expect(try await self.answer(Self.mirror, body: text, limits: limits).status == 200)
    }

    @Test func theRequestIsItsEnvironmentAndInput() async throws {
        var head = RequestHead(
            method: "POST", target: "/shop/a%20b/items/x%2Fy?q=1&r=%20", authority: "example.org:8080",
            fields: [
                "content-type": "text/x", "x-one": "1", "X-One": "2", "cookie": "a=1", "Cookie": "b=2",
                "authorization": "secret", "connection": "close", "spin-path-info": "forged",
                "Proxy": "http://evil.example",
            ])
        head.majorVersion = 1
        let answer = try await self.answer(
            Self.mirror, head, body: "the body", route: "/shop/:who-is/...",
            environment: [("OWN", "yes"), ("HTTP_X_ONE", "mine")])
        #expect(answer.status == 200)
        let texts = answer.body.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        let environment = Dictionary(
            texts.compactMap { text in
                text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
            }, uniquingKeysWith: { first, _ in first })
        let expected = [
            "OWN": "yes", "HTTP_X_ONE": "mine", "AUTH_TYPE": "", "CONTENT_LENGTH": "8", "CONTENT_TYPE": "text/x",
            "GATEWAY_INTERFACE": "CGI/1.1", "QUERY_STRING": "q=1&r=%20", "REMOTE_ADDR": "0.0.0.0",
            "REMOTE_HOST": "0.0.0.0", "REMOTE_USER": "", "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/shop/:who-is",
            "PATH_INFO": "/items/x/y", "X_RAW_PATH_INFO": "/items/x%2Fy", "PATH_TRANSLATED": "/items/x/y",
            "SERVER_NAME": "example.org", "SERVER_PORT": "8080", "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "WAGI/1", "HTTP_COOKIE": "a=1; b=2", "HTTP_CONTENT_TYPE": "text/x",
            "X_FULL_URL": "http://example.org:8080/shop/a%20b/items/x%2Fy?q=1&r=%20",
            "X_MATCHED_ROUTE": "/shop/:who-is/...", "X_RAW_COMPONENT_ROUTE": "/shop/:who-is/...",
            "X_COMPONENT_ROUTE": "/shop/:who-is", "X_BASE_PATH": "/", "X_CLIENT_ADDR": "0.0.0.0:0",
            "X_PATH_MATCH_WHO_IS": "a%20b",
        ]
        for (name, value) in expected { #expect(environment[name] == value, "\(name)") }
        #expect(environment["HTTP_AUTHORIZATION"] == nil && environment["HTTP_CONNECTION"] == nil)
        // CVE-2016-5385.
        #expect(environment["HTTP_PROXY"] == nil)
        #expect(environment["HTTP_SPIN_PATH_INFO"] == nil)
        #expect(texts.suffix(4) == ["/shop/a%20b/items/x%2Fy", "q=1", "r=%20", "the body"])
    }

    @Test(arguments: [
        ("${SCRIPT_NAME} ${ARGS}", "/p?a=1&b", ["/p", "a=1", "b"]), ("${SCRIPT_NAME} ${ARGS}", "/p", ["/p", ""]),
        ("run ${ARGS} end", "/p?${SCRIPT_NAME}", ["run", "${SCRIPT_NAME}", "end"]), ("${x} $", "/p", ["${x}", "$"]),
    ])
    func argumentsComeFromTheTemplate(template: String, target: String, expected: [String]) async throws {
        var settings = WagiSettings()
        settings.arguments = template
        let answer = try await self.answer(
            Self.mirror, RequestHead(method: "GET", target: target, authority: "a"), settings: settings)
        let texts = answer.body.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        #expect(texts.dropLast().suffix(expected.count) == expected[...])
    }

    @Test(arguments: [
        (Self.says("content-type: a/b\nx-own: y\n\nhello"), 200, "hello"),
        (Self.says("content-type: a/b\n\nhello", "(call $exit (i32.const 0))"), 200, "hello"),
        (Self.says("status: 418\n\nteapot"), 418, "teapot"),
        (Self.says("location: /x\n\n"), 302, ""),
        // No response: the client learns only that.
        (Self.says(""), 500, ""),
        (Self.says("hello"), 500, "Exactly one of 'location' or 'content-type' must be specified"),
        (Self.says("content-type: a/b\n\nhello", "(call $exit (i32.const 3))"), 500, ""),
        (Self.says("content-type: a/b\n\nhello", "unreachable"), 500, ""),
        (
            Self.says("content-type: a/b\n\n", "(loop $l (call $write (i32.const 0) (i32.const 200000)) (br $l))"), 500,
            ""
        ),
    ])
    func theOutputIsTheResponse(program: String, status: Int, body: String) async throws {
        var limits = GuestLimits()
        limits.timeout = ChoiceRange(.seconds(20))
        let answer = try await self.answer(program, limits: limits)
        #expect(answer.status == status)
        #expect(answer.body == body)
        #expect(answer.isFinished)
    }

    @Test func aProgramWithoutEndIsStopped() async throws {
        var limits = GuestLimits()
        limits.timeout = ChoiceRange(.milliseconds(200))
        let answer = try await self.answer(Self.says("content-type: a/b\n\n", "(loop $l (br $l))"), limits: limits)
        #expect(answer.status == 500)
    }

    @Test func whatIsNoProgramIsRefused() throws {
        let engine = try Self.engine.get()
        for (text, message) in [
            ("(module)", "does not export a function _start"),
            ("(module (import \"env\" \"f\" (func)) (func (export \"_start\")))", "which nobody provides"),
        ] {
            let module = try Engine.assemble(text).withUnsafeBytes { try engine.compile($0) }
            let error = #expect(throws: ProgramError.self) {
                try CommandProgram(.coreModule(module), engine: engine, path: "p.wasm")
            }
            #expect(error?.description.contains(message) == true)
        }
    }
}
