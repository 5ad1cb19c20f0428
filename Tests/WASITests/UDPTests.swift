import ComponentModel
import NIOCore
import NIOPosix
import Testing
import WASI

/// `wasi:sockets/udp` and name look-up.
@Suite struct UDPTests {
    typealias Datagram = WasiSocketsUdp.OutgoingDatagram

    @Test func datagramsGoToWhereTheySay() async throws {
        try await withSockets { host, call in
            let (sender, senderPort) = try host.udp(in: call)
            let (receiver, port) = try host.udp(in: call)
            let (_, outgoing) = try sender.stream(remoteAddress: nil, in: call).get()
            let (incoming, _) = try receiver.stream(remoteAddress: nil, in: call).get()
            #expect(try incoming.receive(maxResults: 10, in: call).get().isEmpty)
            #expect(try outgoing.checkSend(in: call).get() > 1)
            let datagrams = ["one", ""].map { Datagram(data: Array($0.utf8), remoteAddress: .loopback(port)) }
            #expect(try outgoing.send(datagrams: datagrams, in: call).get() == 2)
            try becomeReady(try incoming.subscribe(in: call), in: call)
            var received: [String] = []
            while received.count < 2 {
                for datagram in try incoming.receive(maxResults: 1, in: call).get() {
                    received.append(datagram.data.text)
                    #expect(datagram.remoteAddress.port == senderPort)
                }
            }
            #expect(received == ["one", ""])
        }
    }

    @Test func anAssociationFiltersAndNamesTheOtherEnd() async throws {
        try await withSockets { host, call in
            let (sender, _) = try host.udp(in: call)
            let (stranger, strangerPort) = try host.udp(in: call)
            let (receiver, port) = try host.udp(in: call)
            let (_, outgoing) = try sender.stream(remoteAddress: .loopback(port), in: call).get()
            #expect(try sender.remoteAddress(in: call).get().port == port)
            _ = try outgoing.checkSend(in: call)
            let elsewhere = Datagram(data: [1], remoteAddress: .loopback(strangerPort))
            #expect(try outgoing.send(datagrams: [elsewhere], in: call).failure == .invalidArgument)
            #expect(try outgoing.send(datagrams: [Datagram(data: [1], remoteAddress: nil)], in: call).get() == 1)
            #expect(try sender.stream(remoteAddress: nil, in: call).isOK)
            #expect(try sender.remoteAddress(in: call).failure == .invalidState)
            withExtendedLifetime((stranger, receiver)) {}
        }
    }

    @Test func sendingWithoutAskingIsAFault() async throws {
        try await withSockets { host, call in
            let (socket, _) = try host.udp(in: call)
            let (_, outgoing) = try socket.stream(remoteAddress: nil, in: call).get()
            #expect(throws: GuestFault.self) {
                try outgoing.send(datagrams: [Datagram(data: [1], remoteAddress: .loopback(9))], in: call)
            }
            _ = try outgoing.checkSend(in: call)
            #expect(
                try outgoing.send(datagrams: [Datagram(data: [1], remoteAddress: nil)], in: call).failure
                    == .invalidArgument)
            let huge = Datagram(data: [UInt8](repeating: 0, count: 70_000), remoteAddress: .loopback(9))
            #expect(try outgoing.send(datagrams: [huge], in: call).failure == .datagramTooLarge)
        }
    }

    /// "Only the most recently returned pair of streams will be operational."
    @Test func olderStreamsWorkNoMore() async throws {
        try await withSockets { host, call in
            let (socket, port) = try host.udp(in: call)
            let (oldIncoming, oldOutgoing) = try socket.stream(remoteAddress: nil, in: call).get()
            #expect(try oldOutgoing.checkSend(in: call).get() > 0)
            let polled = try oldIncoming.subscribe(in: call)
            #expect(try !polled.ready(in: call))
            let (incoming, outgoing) = try socket.stream(remoteAddress: nil, in: call).get()
            let datagram = Datagram(data: [1], remoteAddress: .loopback(port))
            #expect(try oldOutgoing.send(datagrams: [datagram], in: call).failure == .invalidState)
            #expect(try oldOutgoing.checkSend(in: call).failure == .invalidState)
            #expect(try oldIncoming.receive(maxResults: 1, in: call).failure == .invalidState)
            #expect(try polled.ready(in: call))
            _ = try outgoing.checkSend(in: call)
            #expect(try outgoing.send(datagrams: [datagram], in: call).get() == 1)
            try becomeReady(try incoming.subscribe(in: call), in: call)
            #expect(try oldIncoming.receive(maxResults: 1, in: call).failure == .invalidState)
            #expect(try incoming.receive(maxResults: 1, in: call).get().map(\.data.array) == [[1]])
        }
    }

    @Test func anUnboundSocketHasNoStreams() async throws {
        try await withSockets { host, call in
            let socket = try SocketsUdpCreateSocketFunctions.createUdpSocket(addressFamily: .ipv4, in: call).get()
            #expect(try socket.stream(remoteAddress: nil, in: call).failure == .invalidState)
            #expect(try socket.localAddress(in: call).failure == .invalidState)
        }
    }

    @Test func whatIsNotAllowedIsDenied() async throws {
        try await withSockets(policy: OnlyBinding()) { host, call in
            let (socket, _) = try host.udp(in: call)
            #expect(try socket.stream(remoteAddress: .loopback(9), in: call).failure == .accessDenied)
            let (_, outgoing) = try socket.stream(remoteAddress: nil, in: call).get()
            _ = try outgoing.checkSend(in: call)
            #expect(
                try outgoing.send(datagrams: [Datagram(data: [1], remoteAddress: .loopback(9))], in: call).failure
                    == .accessDenied)
        }
    }

    // MARK: Names

    @Test(arguments: ["127.0.0.1", "::1", "[::1]", "localhost"])
    func aNameGivesItsAddresses(_ name: String) async throws {
        let found = try await withSockets { host, call in
            let stream = try SocketsIpNameLookupFunctions.resolveAddresses(
                network: host.network, name: name, in: call
            ).get()
            guard name != "localhost" else {
                // Comes from another thread by way of this loop, which this body holds.
                return try stream.resolveNextAddress(in: call).failure == .wouldBlock
            }
            let first = try stream.resolveNextAddress(in: call).get()
            let second = try stream.resolveNextAddress(in: call).get()
            return first != nil && second == nil
        }
        #expect(found)
    }

    /// The answer comes from another thread, and wakes who waits for it.
    @Test func aLookedUpNameCallsBack() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answered = loop.makePromise(of: Void.self)
        let kept = try await loop.submit {
            let host = SocketHost(loop, WholeNetwork(), WASILimits())
            let stream = try host.call { call in
                let stream = try SocketsIpNameLookupFunctions.resolveAddresses(
                    network: host.network, name: "localhost", in: call
                ).get()
                try stream.subscribe(in: call).source.whenReady { answered.succeed() }
                return stream
            }
            return NIOLoopBound((host, stream), eventLoop: loop)
        }.get()
        try await answered.futureResult.get()
        let isLoopback = try await loop.submit {
            let (host, stream) = kept.value
            let first = try host.call { call in try stream.resolveNextAddress(in: call).get() }
            return switch first {
            case .ipv4(let address): address == (127, 0, 0, 1)
            case .ipv6(let address): address.7 == 1
            case nil: false
            }
        }.get()
        #expect(isLoopback)
    }

    @Test(arguments: [
        "", "a b", "-a.com", "a..b", String(repeating: "a", count: 64), "ex\u{e4}mple.com", "a/b", "a:80",
    ])
    func whatIsNoNameIsRefused(_ name: String) async throws {
        let failure = try await withSockets { host, call in
            try SocketsIpNameLookupFunctions.resolveAddresses(network: host.network, name: name, in: call).failure
        }
        #expect(failure == .invalidArgument)
    }

    @Test func lookingUpIsDeniedWithoutANetwork() async throws {
        let failure = try await withSockets(policy: NoNetwork()) { host, call in
            try SocketsIpNameLookupFunctions.resolveAddresses(network: host.network, name: "example.com", in: call)
                .failure
        }
        #expect(failure == .permanentResolverFailure)
    }
}

private struct OnlyBinding: NetworkPolicy {
    func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool { use == .udpBind }
    var allowsNameLookup: Bool { false }
}
