import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import TestSupport
import Testing
import WASI
import WasmEngine

/// Every host function of every version, called by a guest that passes whatever comes: pointers, lengths, handles and
/// discriminants. Nothing may crash the host or go on for ever; what a guest gets is an answer, or a fault.
@Suite struct RandomGlueTests {
    private static let values: [UInt64] = [
        0, 0, 0, 1, 1, 2, 3, 4, 5, 8, 10, 12, 16, 39, 40, 64, 255, 256, 1000, 4096, 0xFFFF, 0x1_0000, 0x1_FFF0,
        0x1_FFFF,
        0x2_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF, 1 << 32, 1 << 40, .max, 1_000_000,
    ]

    @Test(
        arguments: 1...6 as ClosedRange<UInt64>,
        [
            "0.2.0", "0.2.0-rc-2023-10-18", "0.2.0-rc-2023-11-10", "0.3.0",
        ]) func anythingPassedIsAnAnswerOrAFault(seed: UInt64, version: String) throws
    {
        let functions = WASI.interfaces.filter { $0.versions.contains { $0.contains(version) } }.flatMap(\.functions)
        #expect(functions.count > 100)
        var generator = SplitMix64(seed: seed)
        let sandbox = try Sandbox()
        var answers = 0
        let start = ContinuousClock.now
        for _ in 0..<8 {
            let host = try version == "0.3.0" ? self.hostV3(sandbox) : self.host()
            for round in 0..<600 {
                if round % 20 == 0 { try self.scramble(host, &generator) }
                guard let function = functions.randomElement(using: &generator) else { continue }
                var arguments = (0..<18).map { _ in Self.values.randomElement(using: &generator) ?? 0 }
                // Mostly a handle that there may be, and an aligned place for the result.
                if UInt8.random(in: 0..<8, using: &generator) != 0 {
                    arguments[0] = UInt64.random(in: 0...40, using: &generator)
                }
                for index in 1..<18 where Bool.random(using: &generator) {
                    arguments[index] = UInt64.random(in: 0...512, using: &generator) * 8
                }
                do {
                    try host.call(function, arguments)
                    answers += 1
                } catch is GuestFault {
                } catch is GuestExit {
                } catch is HostLimitError {
                } catch is WasmFailure {
                    // The guest's allocator traps, or the call would wait.
                }
                host.loop.run()
            }
            #expect(host.context.budget.bytes <= WASILimits().hostMemoryBytes)
            #expect(host.context.budget.openFiles <= WASILimits().openFiles)
        }
        // The calls get somewhere: it is not all "unknown handle".
        #expect(answers > 400)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    /// A host whose guest holds one of everything.
    private func host() throws -> GlueHost {
        let host = try GlueHost()
        let body = { InboundBody(eventLoop: host.loop, bytes: ByteBuffer(string: "some body")) }
        let slot = ResponseSlot(ResponseWriter(sink: ResponseCollector(), eventLoop: host.loop))
        _ = try host.handle(
            IncomingRequestResource(
                head: RequestHead(method: "GET", target: "/a?b"), body: body(), extraFields: [("x", "y")]),
            WasiHttpTypes.incomingRequestType)
        _ = try host.handle(ResponseOutparamResource(slot), WasiHttpTypes.responseOutparamType)
        _ = try host.handle(
            IncomingResponseResource(status: 200, fields: ["a": "b"], body: body()),
            WasiHttpTypes.incomingResponseType)
        _ = try host.handle(FieldsResource(received: ["a": "b"]), WasiHttpTypes.fieldsType)
        _ = try host.handle(NetworkResource(), WasiSocketsNetwork.networkType)
        _ = try host.handle(
            FutureIncomingResponseResource(.error(.httpRequestDenied)),
            WasiHttpTypes.futureIncomingResponseType)
        for (interface, name, arguments) in [
            ("wasi:http/types", "[constructor]fields", []), ("wasi:http/types", "[constructor]fields", []),
            ("wasi:http/types", "[constructor]fields", []), ("wasi:http/types", "[constructor]request-options", []),
            ("wasi:http/types", "[constructor]outgoing-request", [7]),
            ("wasi:http/types", "[constructor]outgoing-response", [8]),
            ("wasi:clocks/monotonic-clock", "subscribe-duration", [0]),
            ("wasi:clocks/monotonic-clock", "subscribe-duration", [1 << 50]),
            ("wasi:cli/stdout", "get-stdout", []), ("wasi:cli/stdin", "get-stdin", []),
            ("wasi:sockets/tcp-create-socket", "create-tcp-socket", [0, 64]),
            ("wasi:sockets/udp-create-socket", "create-udp-socket", [1, 64]),
            ("wasi:http/types", "[method]incoming-request.consume", [1, 64]),
        ] as [(String, String, [UInt64])] {
            try host.call(GlueHost.function(interface, "0.2.0", name), arguments)
        }
        return host
    }

    /// The same with what WASI 0.3 has of its own.
    private func hostV3(_ sandbox: Sandbox) throws -> GlueHost {
        let preopen = try Preopen(hostPath: sandbox.root + "/mount", guestPath: "/", isWritable: true)
        let host = try GlueHost(WASIConfiguration(preopens: [preopen], network: WholeNetwork()))
        let root = DescriptorResource(preopen: preopen, budget: host.context.budget)
        _ = try host.handle(DescriptorV3Resource(root), WasiFilesystemTypesV3.descriptorType)
        for (interface, name, arguments) in [
            ("wasi:sockets/types", "[static]tcp-socket.create", [0, 64]),
            ("wasi:sockets/types", "[static]tcp-socket.create", [1, 64]),
            ("wasi:sockets/types", "[static]udp-socket.create", [0, 64]),
            ("wasi:sockets/types", "[static]udp-socket.create", [1, 64]),
            ("wasi:http/types", "[constructor]fields", []), ("wasi:http/types", "[constructor]fields", []),
            ("wasi:http/types", "[constructor]request-options", []),
            ("wasi:filesystem/preopens", "get-directories", [64]), ("wasi:cli/stdin", "read-via-stream", [64]),
        ] as [(String, String, [UInt64])] {
            try host.call(GlueHost.function(interface, "0.3.0", name), arguments)
        }
        // A file for the paths that the memory is full of.
        sandbox.put("some text", at: "mount/abcd")
        let opened = try host.context.open("abcd", in: root)
        _ = try host.handle(DescriptorV3Resource(opened), WasiFilesystemTypesV3.descriptorType)
        return host
    }

    /// Fills the memory with numbers that look like pointers, lengths and handles, and with text.
    private func scramble(_ host: GlueHost, _ generator: inout SplitMix64) throws {
        let memory = try host.memory
        for word in stride(from: 0, to: 8192, by: 4) {
            let value: UInt32
            switch UInt8.random(in: 0..<6, using: &generator) {
            case 0: value = UInt32.random(in: 0...40, using: &generator)
            case 1: value = UInt32.random(in: 0...0x2_0010, using: &generator)
            case 2: value = 0x6162_6364
            case 3: value = UInt32(truncatingIfNeeded: Self.values.randomElement(using: &generator) ?? 0)
            case 4: value = 0
            default: value = UInt32.random(in: .min ... .max, using: &generator)
            }
            memory.storeBytes(of: value, toByteOffset: word, as: UInt32.self)
        }
    }
}
