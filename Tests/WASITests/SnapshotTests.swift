import ComponentModel
import Testing
import WASI

/// The snapshots of 2023: which version has which function, with which type.
@Suite struct SnapshotTests {
    private static let october = "0.2.0-rc-2023-10-18"
    private static let november = "0.2.0-rc-2023-11-10"
    private let registry = HostRegistry(WASI.interfaces)

    private func signature(_ interface: String, _ version: String, _ function: String) -> String? {
        guard
            case .function(let found) = self.registry.resolve(
                interface: interface, version: version, function: function)
        else { return nil }
        return found.signature
    }

    /// What components of October import otherwise than those of 0.2. The texts come from the WIT of that date.
    @Test(arguments: [
        ("wasi:io/poll", "poll-list", "(list<borrow<wasi:io/poll.pollable>>) -> list<u32>"),
        ("wasi:io/poll", "poll-one", "(borrow<wasi:io/poll.pollable>)"),
        ("wasi:io/streams", "[method]error.to-debug-string", "(borrow<wasi:io/streams.error>) -> string"),
        (
            "wasi:io/streams", "[method]input-stream.blocking-read",
            "(borrow<wasi:io/streams.input-stream>, u64) -> result<list<u8>, "
                + "variant{last-operation-failed(own<wasi:io/streams.error>), closed}>"
        ),
        (
            "wasi:io/streams", "[method]output-stream.blocking-splice",
            "(borrow<wasi:io/streams.output-stream>, own<wasi:io/streams.input-stream>, u64) -> result<u64, "
                + "variant{last-operation-failed(own<wasi:io/streams.error>), closed}>"
        ),
        (
            "wasi:io/streams", "[method]output-stream.forward",
            "(borrow<wasi:io/streams.output-stream>, own<wasi:io/streams.input-stream>) -> result<u64, "
                + "variant{last-operation-failed(own<wasi:io/streams.error>), closed}>"
        ),
        ("wasi:clocks/monotonic-clock", "subscribe", "(u64, bool) -> own<wasi:io/poll.pollable>"),
        ("wasi:clocks/timezone", "utc-offset", "(record{seconds: u64, nanoseconds: u32}) -> s32"),
        (
            "wasi:clocks/timezone", "display",
            "(record{seconds: u64, nanoseconds: u32}) -> record{utc-offset: s32, name: string, "
                + "in-daylight-saving-time: bool}"
        ),
        (
            "wasi:filesystem/types", "[method]descriptor.open-at",
            "(borrow<wasi:filesystem/types.descriptor>, flags{symlink-follow}, string, flags{create, directory, "
                + "exclusive, truncate}, flags{read, write, file-integrity-sync, data-integrity-sync, "
                + "requested-write-sync, mutate-directory}, flags{readable, writable, executable}) -> "
                + "result<own<wasi:filesystem/types.descriptor>, E>"
        ),
        (
            "wasi:filesystem/types", "[method]descriptor.access-at",
            "(borrow<wasi:filesystem/types.descriptor>, flags{symlink-follow}, string, "
                + "variant{access(flags{readable, writable, executable}), exists}) -> result<_, E>"
        ),
        (
            "wasi:filesystem/types", "[method]descriptor.change-file-permissions-at",
            "(borrow<wasi:filesystem/types.descriptor>, flags{symlink-follow}, string, "
                + "flags{readable, writable, executable}) -> result<_, E>"
        ),
        (
            "wasi:filesystem/types", "[method]descriptor.change-directory-permissions-at",
            "(borrow<wasi:filesystem/types.descriptor>, flags{symlink-follow}, string, "
                + "flags{readable, writable, executable}) -> result<_, E>"
        ),
        (
            "wasi:filesystem/types", "[method]descriptor.try-lock-shared",
            "(borrow<wasi:filesystem/types.descriptor>) -> result<_, E>"
        ),
        ("wasi:filesystem/types", "filesystem-error-code", "(borrow<wasi:io/streams.error>) -> option<E>"),
        ("wasi:http/types", "[constructor]fields", "(list<tuple<string, list<u8>>>) -> own<wasi:http/types.fields>"),
        ("wasi:http/types", "[method]fields.set", "(borrow<wasi:http/types.fields>, string, list<list<u8>>)"),
        ("wasi:http/types", "[method]fields.delete", "(borrow<wasi:http/types.fields>, string)"),
        ("wasi:http/types", "[method]fields.append", "(borrow<wasi:http/types.fields>, string, list<u8>)"),
        (
            "wasi:http/types", "[method]outgoing-request.write",
            "(borrow<wasi:http/types.outgoing-request>) -> result<own<wasi:http/types.outgoing-body>>"
        ),
        (
            "wasi:http/types", "[constructor]outgoing-request",
            "(variant{get, head, post, put, delete, connect, options, trace, patch, other(string)}, option<string>, "
                + "option<variant{HTTP, HTTPS, other(string)}>, option<string>, borrow<wasi:http/types.fields>) -> "
                + "own<wasi:http/types.outgoing-request>"
        ),
        (
            "wasi:http/types", "[constructor]outgoing-response",
            "(u16, borrow<wasi:http/types.fields>) -> own<wasi:http/types.outgoing-response>"
        ),
        (
            "wasi:http/types", "[static]outgoing-body.finish",
            "(own<wasi:http/types.outgoing-body>, option<own<wasi:http/types.fields>>)"
        ),
        (
            "wasi:http/types", "[static]response-outparam.set",
            "(own<wasi:http/types.response-outparam>, result<own<wasi:http/types.outgoing-response>, H>)"
        ),
        (
            "wasi:http/types", "[method]future-trailers.get",
            "(borrow<wasi:http/types.future-trailers>) -> option<result<own<wasi:http/types.fields>, H>>"
        ),
        (
            "wasi:http/types", "[method]future-incoming-response.get",
            "(borrow<wasi:http/types.future-incoming-response>) -> "
                + "option<result<result<own<wasi:http/types.incoming-response>, H>>>"
        ),
        (
            "wasi:http/outgoing-handler", "handle",
            "(own<wasi:http/types.outgoing-request>, option<record{connect-timeout-ms: option<u32>, "
                + "first-byte-timeout-ms: option<u32>, between-bytes-timeout-ms: option<u32>}>) -> "
                + "result<own<wasi:http/types.future-incoming-response>, H>"
        ),
        ("wasi:sockets/tcp", "[method]tcp-socket.no-delay", "(borrow<wasi:sockets/tcp.tcp-socket>) -> result<bool, S>"),
        (
            "wasi:sockets/tcp", "[method]tcp-socket.set-keep-alive",
            "(borrow<wasi:sockets/tcp.tcp-socket>, bool) -> result<_, S>"
        ),
        (
            "wasi:sockets/tcp", "[method]tcp-socket.unicast-hop-limit",
            "(borrow<wasi:sockets/tcp.tcp-socket>) -> result<u8, S>"
        ),
        (
            "wasi:sockets/udp", "[method]udp-socket.finish-connect",
            "(borrow<wasi:sockets/udp.udp-socket>) -> result<_, S>"
        ),
        (
            "wasi:sockets/udp", "[method]udp-socket.receive",
            "(borrow<wasi:sockets/udp.udp-socket>, u64) -> result<list<record{data: list<u8>, remote-address: A}>, S>"
        ),
        (
            "wasi:sockets/udp", "[method]udp-socket.send",
            "(borrow<wasi:sockets/udp.udp-socket>, list<record{data: list<u8>, remote-address: A}>) -> result<u64, S>"
        ),
        (
            "wasi:sockets/udp", "[method]udp-socket.start-connect",
            "(borrow<wasi:sockets/udp.udp-socket>, borrow<wasi:sockets/network.network>, A) -> result<_, S>"
        ),
        (
            "wasi:sockets/ip-name-lookup", "resolve-addresses",
            "(borrow<wasi:sockets/network.network>, string, option<enum{ipv4, ipv6}>, bool) -> "
                + "result<own<wasi:sockets/ip-name-lookup.resolve-address-stream>, S>"
        ),
    ])
    func octoberHasItsOwn(interface: String, function: String, signature: String) throws {
        let found = try #require(self.signature(interface, Self.october, function))
        #expect(found.abbreviated == signature)
    }

    @Test(arguments: [
        (
            "wasi:http/types", "[method]request-options.set-connect-timeout-ms",
            "(borrow<wasi:http/types.request-options>, option<u64>) -> result"
        ),
        (
            "wasi:http/types", "[method]request-options.between-bytes-timeout-ms",
            "(borrow<wasi:http/types.request-options>) -> option<u64>"
        ),
        (
            "wasi:http/types", "[method]future-trailers.get",
            "(borrow<wasi:http/types.future-trailers>) -> option<result<option<own<wasi:http/types.fields>>, C>>"
        ),
        (
            "wasi:http/outgoing-handler", "handle",
            "(own<wasi:http/types.outgoing-request>, option<own<wasi:http/types.request-options>>) -> "
                + "result<own<wasi:http/types.future-incoming-response>, C>"
        ),
        (
            "wasi:sockets/tcp", "[method]tcp-socket.set-ipv6-only",
            "(borrow<wasi:sockets/tcp.tcp-socket>, bool) -> result<_, S>"
        ),
        (
            "wasi:sockets/udp", "[method]udp-socket.ipv6-only",
            "(borrow<wasi:sockets/udp.udp-socket>) -> result<bool, S>"
        ),
    ])
    func novemberHasItsOwn(interface: String, function: String, signature: String) throws {
        let found = try #require(self.signature(interface, Self.november, function))
        #expect(found.abbreviated == signature)
    }

    @Test(arguments: [
        ("wasi:io/poll", "poll"), ("wasi:io/poll", "[method]pollable.ready"),
        ("wasi:clocks/monotonic-clock", "subscribe-duration"),
        ("wasi:http/types", "http-error-code"), ("wasi:http/types", "[static]fields.from-list"),
        ("wasi:http/types", "[method]outgoing-request.body"), ("wasi:http/types", "[constructor]request-options"),
        ("wasi:sockets/tcp", "[method]tcp-socket.keep-alive-enabled"),
        ("wasi:sockets/udp", "[method]udp-socket.stream"),
        ("wasi:sockets/tcp", "[method]tcp-socket.is-listening"),
        ("wasi:sockets/udp", "[method]incoming-datagram-stream.receive"),
    ])
    func octoberLacksWhatCameLater(interface: String, function: String) {
        #expect(self.signature(interface, Self.october, function) == nil)
        #expect(self.signature(interface, Self.november, function) != nil)
        #expect(self.signature(interface, "0.2.0", function) != nil)
    }

    private static let laterThanNovember: Set<String> = [
        "[method]fields.has", "[method]response-outparam.send-informational", "[method]request-options.connect-timeout",
        "[method]request-options.set-connect-timeout", "[method]request-options.first-byte-timeout",
        "[method]request-options.set-first-byte-timeout", "[method]request-options.between-bytes-timeout",
        "[method]request-options.set-between-bytes-timeout",
    ]

    /// The November snapshot is 0.2 under another version, but for what is tested above.
    @Test func novemberIsAsTheRelease() {
        let release = WASI.interfaces.filter { $0.versions.contains { $0.contains("0.2.0") } }
        #expect(release.count >= 20)
        for interface in release where interface.name != "wasi:clocks/timezone" {
            for function in interface.functions where function.name != "[method]future-trailers.get" {
                guard !Self.laterThanNovember.contains(function.name) else {
                    #expect(self.signature(interface.name, Self.november, function.name) == nil, "\(function.name)")
                    continue
                }
                #expect(
                    self.signature(interface.name, Self.november, function.name) == function.signature,
                    "\(interface.name) \(function.name)")
            }
        }
    }

    /// `forward` of October moves everything there is.
    @Test func forwardGoesToTheEnd() throws {
        let sandbox = try Sandbox()
        let text = String(repeating: "0123456789", count: 20_000)
        sandbox.put(text, at: "mount/large")
        let mount = try sandbox.mount()
        let large = try #require(try sandbox.open("large", in: mount).value)
        let copy = try #require(try sandbox.open("copy", in: mount, [.create], [.write]).value)
        try sandbox.host.call { call throws in
            let source = try #require(try large.readViaStream(offset: 0, in: call).value)
            let target = try #require(try copy.appendViaStream(in: call).value)
            #expect(try target.forward(source, in: call).value == 200_000)
            #expect(try target.forward(source, in: call).value == 0)
        }
        #expect(sandbox.text(at: "mount/copy") == text)
    }

    @Test func noOtherDateIsServed() {
        for version in ["0.2.0-rc-2023-12-05", "0.2.0-rc-2023-10-17", "0.2.0-rc-2024-01-16", "0.2.0-rc"] {
            #expect(self.signature("wasi:io/poll", version, "poll") == nil, "\(version)")
        }
        for version in ["0.2.0", "0.2.3", "0.2.12", "0.2.99"] {
            #expect(self.signature("wasi:io/poll", version, "poll") != nil, "\(version)")
        }
    }

    /// A stream that failed gives the same kind of resource whatever the version, so components may mix them.
    @Test func theErrorIsOneResource() {
        let error = self.registry.resource(interface: "wasi:io/error", version: "0.2.0", name: "error")
        #expect(error != nil)
        #expect(self.registry.resource(interface: "wasi:io/streams", version: Self.october, name: "error") == error)
        #expect(self.registry.resource(interface: "wasi:io/error", version: Self.november, name: "error") == error)
    }
}

extension String {
    /// The text with a letter for each long type: the error codes of files (E), sockets (S) and HTTP (C), the errors of
    /// October's HTTP (H), socket addresses (A).
    fileprivate var abbreviated: String {
        self.replacing("E", from: "enum{access, ").replacing("S", from: "enum{unknown, ")
            .replacing("C", from: "variant{DNS-timeout, ").replacing("H", from: "variant{invalid-url")
            .replacing("A", from: "variant{ipv4(record")
    }

    /// The text with `letter` in place of every type that begins with `start`, to its closing brace.
    private func replacing(_ letter: String, from start: String) -> String {
        var text = self
        while let begin = text.firstRange(of: start)?.lowerBound {
            var depth = 0
            let end = text[begin...].firstIndex {
                depth += $0 == "{" ? 1 : $0 == "}" ? -1 : 0
                return $0 == "}" && depth == 0
            }
            guard let end else { return text }
            text.replaceSubrange(begin...end, with: letter)
        }
        return text
    }
}
