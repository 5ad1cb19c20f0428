import ComponentModel
import HTTP
import NIOCore
import Testing
import WASI
import WasmEngine

/// Calls that were vulnerabilities of other hosts, as a hostile guest makes them: flat values through the generated
/// bindings. Each test is named after its advisory; `docs/design/advisories.md` lists all.
@Suite struct AdvisoryTests {
    private static let release = "0.2.0"

    private func function(_ interface: String, _ name: String) throws -> HostFunction {
        try GlueHost.function(interface, Self.release, name)
    }

    private func put(_ bytes: [UInt8], at place: Int, in host: GlueHost) throws {
        UnsafeMutableRawBufferPointer(rebasing: try host.memory[place...]).copyBytes(from: bytes)
    }

    private func words(_ words: [UInt32], at place: Int, in host: GlueHost) throws {
        try self.put(
            words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }, at: place, in: host)
    }

    // MARK: RUSTSEC-2026-0020: what a guest makes the host hold

    /// Ten thousand of each are fine; handles without end are not, and all that they held is given back.
    @Test(arguments: [
        ("wasi:http/types", "[constructor]fields", [] as [UInt64]),
        ("wasi:clocks/monotonic-clock", "subscribe-duration", [1 << 40]),
        ("wasi:http/types", "[constructor]request-options", []),
    ])
    func rustsec_2026_0020_handlesAreBounded(_ interface: String, _ name: String, _ arguments: [UInt64]) throws {
        let host = try GlueHost()
        let make = try self.function(interface, name)
        for _ in 0..<10_000 { try host.call(make, arguments) }
        #expect(throws: GuestFault.self) {
            for _ in 0..<60_000 { try host.call(make, arguments) }
        }
    }

    @Test func rustsec_2026_0020_tenThousandFieldsFaultAndAreGivenBack() throws {
        let context: WASIContext
        do {
            let host = try GlueHost()
            context = host.context
            try self.put(Array("name".utf8), at: 0, in: host)
            let fields = try host.call(self.function("wasi:http/types", "[constructor]fields"), [])
            let append = try self.function("wasi:http/types", "[method]fields.append")
            #expect(throws: GuestFault.self) {
                for _ in 0..<10_000 { try host.call(append, [fields, 0, 4, 0, 4, 64]) }
            }
            // In one call, too: the list is 10,000 times the same field.
            try self.words(Array(repeating: [0, 4, 0, 4], count: 4000).flatMap { $0 }, at: 1024, in: host)
            let fromList = try self.function("wasi:http/types", "[static]fields.from-list")
            #expect(throws: GuestFault.self) { try host.call(fromList, [1024, 4000, 64]) }
        }
        #expect(context.budget.bytes == 0)
    }

    @Test func rustsec_2026_0020_tenThousandPollablesFault() throws {
        let host = try GlueHost()
        let make = try self.function("wasi:clocks/monotonic-clock", "subscribe-duration")
        let poll = try self.function("wasi:io/poll", "poll")
        var handles: [UInt32] = []
        for _ in 0..<10_000 { handles.append(UInt32(truncatingIfNeeded: try host.call(make, [0]))) }
        try self.words(handles, at: 1024, in: host)
        #expect(throws: GuestFault.self) { try host.call(poll, [1024, 10_000, 64]) }
        #expect(throws: GuestFault.self) { try host.call(poll, [1024, 0xFFFF_FFFF, 64]) }
        try host.call(poll, [1024, 4096, 64])
    }

    @Test(arguments: [1 << 32, 1 << 40, 1 << 63, .max] as [UInt64])
    func rustsec_2026_0020_randomBytesAreBounded(count: UInt64) throws {
        let host = try GlueHost()
        for (interface, name) in [
            ("wasi:random/random", "get-random-bytes"), ("wasi:random/insecure", "get-insecure-random-bytes"),
        ] {
            #expect(throws: GuestFault.self) { try host.call(self.function(interface, name), [count, 64]) }
        }
    }

    /// Lists that share the guest's bytes: what is lifted in one call has a bound.
    @Test func rustsec_2026_0020_liftedBytesAreBounded() throws {
        let host = try GlueHost()
        // 4000 values, each all of the memory: 500 MiB.
        try self.words(Array(repeating: [0, 131_072], count: 4000).flatMap { $0 }, at: 1024, in: host)
        let fields = try host.call(self.function("wasi:http/types", "[constructor]fields"), [])
        let fault = #expect(throws: GuestFault.self) {
            try host.call(self.function("wasi:http/types", "[method]fields.set"), [fields, 0, 1, 1024, 4000, 64])
        }
        #expect(fault?.message.contains("passed more than") == true, "\(String(describing: fault))")
    }

    // MARK: RUSTSEC-2026-0021: fields of every byte

    /// `append`, `set`, `delete` and `from-list` with every byte in the name and in the value: an error or a fault.
    @Test func rustsec_2026_0021_everyByteOfNamesAndValues() throws {
        let host = try GlueHost()
        let fields = try host.call(self.function("wasi:http/types", "[constructor]fields"), [])
        let append = try self.function("wasi:http/types", "[method]fields.append")
        let set = try self.function("wasi:http/types", "[method]fields.set")
        let delete = try self.function("wasi:http/types", "[method]fields.delete")
        let fromList = try self.function("wasi:http/types", "[static]fields.from-list")
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        func isOK(_ function: HostFunction, _ arguments: [UInt64]) throws -> Bool {
            try self.put([9, 9], at: 64, in: host)
            do {
                try host.call(function, arguments)
                return try host.memory[64] == 0
            } catch is GuestFault {
                return false
            }
        }
        for byte in UInt8.min ... .max {
            for name in [[byte], [97, byte], [byte, 97]] {
                try self.put(name, at: 0, in: host)
                try self.put([118], at: 8, in: host)
                try self.words([8, 1, 0, UInt32(name.count), 8, 1], at: 128, in: host)
                let count = UInt64(name.count)
                let isToken = name.allSatisfy { token.contains($0) }
                #expect(try isOK(append, [fields, 0, count, 8, 1, 64]) == isToken, "\(name)")
                #expect(try isOK(set, [fields, 0, count, 128, 1, 64]) == isToken, "\(name)")
                #expect(try isOK(delete, [fields, 0, count, 64]) == isToken, "\(name)")
                #expect(try isOK(fromList, [136, 1, 64]) == isToken, "\(name)")
            }
            try self.put([97], at: 0, in: host)
            try self.put([118, byte, 118], at: 8, in: host)
            try self.words([8, 3, 0, 1, 8, 3], at: 128, in: host)
            let isText = byte == 9 || (byte >= 32 && byte != 127)
            #expect(try isOK(append, [fields, 0, 1, 8, 3, 64]) == isText, "\(byte)")
            #expect(try isOK(set, [fields, 0, 1, 128, 1, 64]) == isText, "\(byte)")
            #expect(try isOK(fromList, [136, 1, 64]) == isText, "\(byte)")
        }
    }

    /// Fields of a message that was received, or that belong to one that was made, are never changed.
    @Test func rustsec_2026_0021_immutableFieldsStay() throws {
        let host = try GlueHost()
        let received = try host.handle(FieldsResource(received: ["name": "kept"]), WasiHttpTypes.fieldsType)
        let made = try host.call(self.function("wasi:http/types", "[constructor]fields"), [])
        let response = try host.call(self.function("wasi:http/types", "[constructor]outgoing-response"), [made])
        let view = try host.call(self.function("wasi:http/types", "[method]outgoing-response.headers"), [response])
        try self.put(Array("name".utf8), at: 0, in: host)
        try self.words([0, 4], at: 128, in: host)
        for fields in [received, view] {
            for (name, arguments, area) in [
                ("append", [fields, 0, 4, 0, 4, 64], 64), ("set", [fields, 0, 4, 128, 1, 64], 64),
                ("set", [fields, 0, 4, 0, 0, 64], 64), ("delete", [fields, 0, 4, 64], 64),
            ] as [(String, [UInt64], Int)] {
                try host.call(self.function("wasi:http/types", "[method]fields.\(name)"), arguments)
                // The third case of `header-error`.
                #expect(try Array(host.memory[area...(area + 1)]) == [1, 2], "\(name)")
            }
        }
    }

    // MARK: RUSTSEC-2026-0085: cases that there are not

    /// Discriminants that name no case: interface, function, the flat values before it, how many cases there are.
    private static let discriminants: [(String, String, String, [UInt64], UInt64)] = [
        ("wasi:http/types", "0.2.0", "[method]outgoing-request.set-method", [1], 10),
        ("wasi:http/types", "0.2.0", "[method]outgoing-request.set-path-with-query", [1], 2),
        ("wasi:http/types", "0.2.0", "[method]outgoing-request.set-scheme", [1], 2),
        ("wasi:http/types", "0.2.0", "[method]outgoing-request.set-scheme", [1, 1], 3),
        ("wasi:http/types", "0.2.0", "[method]outgoing-request.set-authority", [1], 2),
        ("wasi:http/types", "0.2.0", "[method]request-options.set-connect-timeout", [2], 2),
        ("wasi:http/types", "0.2.0", "[static]response-outparam.set", [3], 2),
        ("wasi:http/types", "0.2.0", "[static]response-outparam.set", [3, 1], 39),
        ("wasi:http/types", "0.2.0-rc-2023-10-18", "[static]response-outparam.set", [3], 2),
        ("wasi:http/types", "0.2.0-rc-2023-10-18", "[static]response-outparam.set", [3, 1], 4),
        ("wasi:http/types", "0.2.0-rc-2023-10-18", "[constructor]outgoing-request", [], 10),
        ("wasi:http/types", "0.2.0-rc-2023-10-18", "[constructor]outgoing-request", [0, 0, 0], 2),
        ("wasi:http/types", "0.2.0-rc-2023-10-18", "[constructor]outgoing-request", [0, 0, 0, 0, 0, 0, 1], 3),
        ("wasi:http/outgoing-handler", "0.2.0", "handle", [1], 2),
        ("wasi:http/outgoing-handler", "0.2.0-rc-2023-10-18", "handle", [1], 2),
        ("wasi:http/outgoing-handler", "0.2.0-rc-2023-10-18", "handle", [1, 1, 0, 0, 1, 5], 2),
        ("wasi:sockets/tcp-create-socket", "0.2.0", "create-tcp-socket", [], 2),
        ("wasi:sockets/udp-create-socket", "0.2.0-rc-2023-11-10", "create-udp-socket", [], 2),
        ("wasi:sockets/ip-name-lookup", "0.2.0-rc-2023-10-18", "resolve-addresses", [4, 0, 0], 2),
        ("wasi:sockets/ip-name-lookup", "0.2.0-rc-2023-10-18", "resolve-addresses", [4, 0, 0, 1], 2),
    ]

    @Test(arguments: 0..<20) func rustsec_2026_0085_discriminantsOutOfRangeFault(_ row: Int) throws {
        let (interface, version, name, before, cases) = Self.discriminants[row]
        for value in [cases, cases + 1, 0xFF, 0x100, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            let host = try GlueHost()
            let fields = try host.call(self.function("wasi:http/types", "[constructor]fields"), [])
            #expect(try host.call(self.function("wasi:http/types", "[constructor]outgoing-request"), [fields]) == 1)
            #expect(try host.call(self.function("wasi:http/types", "[constructor]request-options"), []) == 2)
            let slot = ResponseSlot(ResponseWriter(sink: ResponseCollector(), eventLoop: host.loop))
            #expect(
                try host.handle(ResponseOutparamResource(slot), WasiHttpTypes.responseOutparamType) == 3)
            #expect(try host.handle(NetworkResource(), WasiSocketsNetwork.networkType) == 4)
            let fault = #expect(throws: GuestFault.self) {
                try host.call(GlueHost.function(interface, version, name), before + [value])
            }
            #expect(fault?.message.contains("discriminant \(value)") == true, "\(name): \(String(describing: fault))")
        }
    }
}
