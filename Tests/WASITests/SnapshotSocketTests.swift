import ComponentModel
import Testing
import WASI

/// Sockets as components of October and November 2023 use them, through the bindings of that date.
@Suite struct SnapshotSocketTests {
    private static let october = "0.2.0-rc-2023-10-18"

    /// A guest of that date, with its network.
    private struct Guest {
        let host: GlueHost
        let network: UInt64
        let version: String

        init(_ version: String) throws {
            self.host = try GlueHost(WASIConfiguration(network: WholeNetwork()))
            self.network = try self.host.handle(NetworkResource(), WasiSocketsNetwork.networkType)
            self.version = version
        }

        /// Calls a function whose result is written at 64: its first byte, which says whether it went well.
        @discardableResult
        func call(_ interface: String, _ name: String, _ arguments: [UInt64]) throws -> UInt8 {
            try self.host.call(GlueHost.function("wasi:\(interface)", self.version, name), arguments)
            return try self.host.memory[64]
        }

        func word(_ place: Int) throws -> UInt64 {
            UInt64(try self.host.memory.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        }

        func put(_ bytes: [UInt8], at place: Int) throws {
            UnsafeMutableRawBufferPointer(rebasing: try self.host.memory[place...]).copyBytes(from: bytes)
        }

        /// A socket that is bound to a port of this machine.
        func bound(_ kind: String) throws -> (socket: UInt64, port: UInt64) {
            #expect(try self.call("sockets/\(kind)-create-socket", "create-\(kind)-socket", [0, 64]) == 0)
            let socket = try self.word(68)
            #expect(try self.address(kind, "start-bind", socket, port: 0) == 0)
            #expect(try self.call("sockets/\(kind)", "[method]\(kind)-socket.finish-bind", [socket, 64]) == 0)
            return (socket, try self.port(of: socket, kind, "local-address"))
        }

        /// `start-bind` or `start-connect` with an address of this machine.
        func address(_ kind: String, _ function: String, _ socket: UInt64, port: UInt64) throws -> UInt8 {
            try self.call(
                "sockets/\(kind)", "[method]\(kind)-socket.\(function)",
                [socket, self.network, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 64])
        }

        func port(of socket: UInt64, _ kind: String, _ function: String) throws -> UInt64 {
            #expect(try self.call("sockets/\(kind)", "[method]\(kind)-socket.\(function)", [socket, 64]) == 0)
            return UInt64(try self.host.memory.loadUnaligned(fromByteOffset: 72, as: UInt16.self))
        }

        /// Calls again until it is no longer `would-block`, case 8.
        func untilReady(_ interface: String, _ name: String, _ arguments: [UInt64], error: Int) throws -> UInt8 {
            let end = ContinuousClock.now + .seconds(20)
            while true {
                let result = try self.call(interface, name, arguments)
                guard result == 1, try self.host.memory[error] == 8 else { return result }
                guard ContinuousClock.now < end else { throw NeverReady() }
            }
        }
    }

    @Test(arguments: [Self.october, "0.2.0-rc-2023-11-10"])
    func connectionsAreMade(version: String) throws {
        let guest = try Guest(version)
        let tcp = "sockets/tcp"
        let (listener, port) = try guest.bound("tcp")
        #expect(try guest.call(tcp, "[method]tcp-socket.start-listen", [listener, 64]) == 0)
        #expect(try guest.call(tcp, "[method]tcp-socket.finish-listen", [listener, 64]) == 0)
        #expect(try guest.call("sockets/tcp-create-socket", "create-tcp-socket", [0, 64]) == 0)
        let socket = try guest.word(68)
        #expect(try guest.address("tcp", "start-connect", socket, port: port) == 0)
        #expect(try guest.untilReady(tcp, "[method]tcp-socket.finish-connect", [socket, 64], error: 68) == 0)
        let output = try guest.word(72)
        #expect(try guest.untilReady(tcp, "[method]tcp-socket.accept", [listener, 64], error: 68) == 0)
        let input = try guest.word(72)
        #expect(try guest.port(of: socket, "tcp", "remote-address") == port)

        // Bytes arrive.
        #expect(try guest.call("io/streams", "[method]output-stream.check-write", [output, 64]) == 0)
        try guest.put(Array("hello".utf8), at: 128)
        #expect(try guest.call("io/streams", "[method]output-stream.write", [output, 128, 5, 64]) == 0)
        let end = ContinuousClock.now + .seconds(20)
        var text: [UInt8] = []
        while text.count < 5, ContinuousClock.now < end {
            #expect(try guest.call("io/streams", "[method]input-stream.read", [input, 5, 64]) == 0)
            let (pointer, length) = (Int(try guest.word(68)), Int(try guest.word(72)))
            text += try guest.host.memory[pointer..<(pointer + length)]
        }
        #expect(String(decoding: text, as: UTF8.self) == "hello")

        // `ipv6-only` of a socket of IPv4 is `not-supported`, case 2.
        #expect(try guest.call(tcp, "[method]tcp-socket.ipv6-only", [socket, 64]) == 1)
        #expect(try guest.host.memory[65] == 2)
        guard version == Self.october else { return }
        for value in [1, 0] as [UInt64] {
            for option in ["no-delay", "keep-alive"] {
                #expect(try guest.call(tcp, "[method]tcp-socket.set-\(option)", [socket, value, 64]) == 0)
                #expect(try guest.call(tcp, "[method]tcp-socket.\(option)", [socket, 64]) == 0)
                #expect(try guest.host.memory[65] == UInt8(value), "\(option)")
            }
        }
        #expect(try guest.call(tcp, "[method]tcp-socket.set-unicast-hop-limit", [socket, 7, 64]) == 0)
        #expect(try guest.call(tcp, "[method]tcp-socket.unicast-hop-limit", [socket, 64]) == 0)
        #expect(try guest.host.memory[65] == 7)
    }

    /// October's datagrams go through the socket: connected, or to whom they say.
    @Test(arguments: [true, false]) func datagramsGoThroughTheSocket(isConnected: Bool) throws {
        let guest = try Guest(Self.october)
        let udp = "sockets/udp"
        let (sender, senderPort) = try guest.bound("udp")
        let (receiver, port) = try guest.bound("udp")
        // `not-in-progress`, case 7.
        #expect(try guest.call(udp, "[method]udp-socket.finish-connect", [sender, 64]) == 1)
        #expect(try guest.host.memory[65] == 7)
        // `would-block`: nothing came.
        #expect(try guest.call(udp, "[method]udp-socket.receive", [receiver, 4, 64]) == 1)
        #expect(try guest.host.memory[68] == 8)
        if isConnected {
            #expect(try guest.address("udp", "start-connect", sender, port: port) == 0)
            #expect(try guest.address("udp", "start-connect", sender, port: port) == 1)
            #expect(try guest.call(udp, "[method]udp-socket.finish-connect", [sender, 64]) == 0)
            #expect(try guest.port(of: sender, "udp", "remote-address") == port)
        }
        // A datagram: 2 bytes at 128, to an address of 4 + 28 bytes.
        try guest.put(Array("hi".utf8), at: 128)
        var datagram: [UInt8] = [128, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
        datagram += [UInt8(truncatingIfNeeded: port), UInt8(truncatingIfNeeded: port >> 8), 127, 0, 0, 1]
        try guest.put(datagram, at: 256)
        #expect(try guest.call(udp, "[method]udp-socket.send", [sender, 256, 1, 64]) == 0)
        #expect(try guest.word(72) == 1)
        #expect(try guest.untilReady(udp, "[method]udp-socket.receive", [receiver, 4, 64], error: 68) == 0)
        #expect(try guest.word(72) == 1)
        let list = Int(try guest.word(68))
        let text = Int(try guest.word(list))
        #expect(try guest.word(list + 4) == 2)
        #expect(try Array(guest.host.memory[text..<(text + 2)]) == Array("hi".utf8))
        #expect(try guest.host.memory.loadUnaligned(fromByteOffset: list + 12, as: UInt16.self) == UInt16(senderPort))
    }

    @Test(arguments: [(0, 0, true), (1, 0, true), (1, 1, false)] as [(UInt64, UInt64, Bool)])
    func lookingUpAsksForAFamily(isGiven: UInt64, family: UInt64, isFound: Bool) throws {
        let guest = try Guest(Self.october)
        let lookup = "sockets/ip-name-lookup"
        try guest.put(Array("127.0.0.1".utf8), at: 128)
        #expect(
            try guest.call(lookup, "resolve-addresses", [guest.network, 128, 9, isGiven, family, 1, 64]) == 0)
        let addresses = try guest.word(68)
        let next = "[method]resolve-address-stream.resolve-next-address"
        #expect(try guest.call(lookup, next, [addresses, 64]) == 0)
        #expect(try guest.host.memory[66] == (isFound ? 1 : 0))
    }
}
