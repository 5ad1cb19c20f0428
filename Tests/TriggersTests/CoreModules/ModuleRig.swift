import AppModel
import ComponentModel
import Executor
import Foundation
import HTTP
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Triggers
import WASI
import WasmEngine

/// Loads core modules and asks them over the HTTP trigger.
enum ModuleRig {
    private struct NoOutput: ComponentOutput {
        func open() -> InstanceOutput { InstanceOutput(stdout: nil, stderr: nil) {} }
    }

    private static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }

    /// The text of a guest of `Tests/Guests`, or of the file in it with that name.
    static func guest(_ name: String) throws -> String {
        let name = name.contains(".wat") ? name : "\(name).wat"
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Guests/\(name)")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// A custom section with a world as wit-component writes it, or as it did at first.
    static func section(_ world: String, isNested: Bool = true, name: String = "component-type:hello") throws -> [UInt8]
    {
        let body =
            isNested
            ? "(component (type (component (type $w (component \(world))) (export \"test:hello/hello\" (component (type $w)))))"
                + " (export \"hello\" (type 0)))"
            : "(component (type (component \(world))) (export \"hello\" (type 0)))"
        return self.section(content: try Engine.assemble(body), name: name)
    }

    static func section(content: [UInt8], name: String) -> [UInt8] {
        let content = [UInt8(name.utf8.count)] + Array(name.utf8) + content
        var size: [UInt8] = []
        WasmBinary.append(UInt64(content.count), to: &size)
        return [0] + size + content
    }

    /// - Parameters:
    ///   - dependencies: by the import that they are for: what they may use of the component's, and their file.
    ///   - middleware: the outermost first.
    static func load(
        _ bytes: [UInt8], dependencies: [String: (inherit: Inheritance, bytes: [UInt8])] = [:],
        middleware: [[UInt8]] = []
    ) throws -> Component {
        let folder = try TemporaryFolder()
        var count = 0
        func file(_ bytes: [UInt8]) throws -> String {
            count += 1
            let name = "\(count).wasm"
            try folder.write(name, bytes)
            return folder.file(name)
        }
        return try ComponentLoader(engine: try self.engine.get(), cache: nil, registry: HostInterfaces.registry).load(
            try file(bytes), name: "p",
            dependencies: dependencies.mapValues {
                LockedDependency(source: LockedContent(path: try file($0.bytes)), inherit: $0.inherit)
            },
            middleware: try middleware.map { LockedDependency(source: LockedContent(path: try file($0))) })
    }

    struct Request {
        var method = "GET"
        var target = "/"
        var fields = HTTPFields()
        var body = ""
    }

    struct Answer: Sendable {
        let status: Int?
        let fields: HTTPFields
        let body: String
    }

    static func answer(
        of component: Component, to request: Request = Request(), configuration: WASIConfiguration = WASIConfiguration()
    ) async throws -> Answer {
        let guest = try HTTPComponent(
            id: "p", component: component, configuration: configuration, limits: GuestLimits(),
            output: NoOutput(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = Router([try Route(triggerID: "t", componentID: "p", route: "/...")])
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Answer.self)
        let trigger = HTTPTrigger(
            router: router, components: ["p": guest], eventLoops: [loop], capacity: .init(live: 2))
        var head = RequestHead(method: request.method, target: request.target, authority: "x.org")
        head.fields = request.fields
        let (sent, bytes) = (head, ByteBuffer(string: request.body))
        loop.execute {
            let collector = ResponseCollector()
            collector.onProgress = { collector in
                guard collector.isFinished || collector.isAborted else { return }
                promise.succeed(
                    Answer(
                        status: collector.head?.status, fields: collector.head?.fields ?? HTTPFields(),
                        body: String(buffer: collector.body)))
            }
            trigger.handle(
                Exchange(
                    head: sent, body: InboundBody(eventLoop: loop, bytes: bytes), collector: collector,
                    eventLoop: loop))
        }
        return try await promise.futureResult.get()
    }
}
