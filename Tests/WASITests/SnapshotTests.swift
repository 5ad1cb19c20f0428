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
    ])
    func octoberHasItsOwn(interface: String, function: String, signature: String) throws {
        let found = try #require(self.signature(interface, Self.october, function))
        #expect(found.replacingErrorCode == signature)
    }

    @Test(arguments: [
        ("wasi:io/poll", "poll"), ("wasi:io/poll", "[method]pollable.ready"),
        ("wasi:clocks/monotonic-clock", "subscribe-duration"),
    ])
    func octoberLacksWhatCameLater(interface: String, function: String) {
        #expect(self.signature(interface, Self.october, function) == nil)
        #expect(self.signature(interface, Self.november, function) != nil)
        #expect(self.signature(interface, "0.2.0", function) != nil)
    }

    /// The November snapshot is 0.2 under another version.
    @Test func novemberIsAsTheRelease() {
        let release = WASI.interfaces.filter {
            $0.versions.contains { $0.contains("0.2.0") } && !$0.name.hasPrefix("wasi:http/")
                && !$0.name.hasPrefix("wasi:sockets/")
        }
        #expect(release.count >= 20)
        for interface in release where interface.name != "wasi:clocks/timezone" {
            for function in interface.functions {
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
    /// The text with `E` for the long type `error-code`.
    fileprivate var replacingErrorCode: String {
        guard let start = self.firstRange(of: "enum{access, ")?.lowerBound,
            let end = self[start...].firstIndex(of: "}")
        else { return self }
        return self[..<start] + "E" + self[self.index(after: end)...]
    }
}
