import AppModel
import Testing

/// Which addresses nothing may connect to.
@Suite struct BlockedNetworksTests {
    private static func address(_ text: String) throws -> IPAddress {
        try #require(IPAddress(text), "\(text)")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("8.8.8.8/16", "8.8.0.0/16"), ("1.2.3.4", "1.2.3.4/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("fd00::/8", "fd00::/8"), ("2001:db8::1/32", "2001:db8::/32"), ("::/0", "::/0"), ("::1", "::1/128"),
    ])
    func readsNetworks(_ text: String, _ expected: String) {
        #expect(IPNetwork(text)?.description == expected)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+1", "10.0.0/8", "10/8", "0x0a.0.0.0/8",
        "010.0.0.0/8",
        "10.0.0.256/8", "a/8", "::/129", "fd00::/0000", "[::1]/128", "fe80::1%eth0/64", "10.0.0.0/8/8", " 10.0.0.0/8",
    ])
    func refusesWhatIsNoNetwork(_ text: String) { #expect(IPNetwork(text) == nil) }

    @Test func blocksNothingUnlessToldTo() throws {
        for text in ["127.0.0.1", "::1", "8.8.8.8"] {
            let address = try Self.address(text)
            #expect(!BlockedNetworks.none.blocks(address))
        }
    }

    @Test(arguments: [
        "0.0.0.0", "10.10.10.10", "100.64.1.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.9.9",
        "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fc00::f00d", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
        "2001:db8::1",
        "2001::1", "3fff::1", "5f00::1", "100::1", "::ffff:10.10.10.10", "::ffff:127.0.0.1", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::1",
        "2002:a00:1::", "2600::5efe:10.0.0.1", "2600::200:5efe:127.0.0.1", "4000::1",
    ])
    func blocksWhatIsPrivate(_ text: String) throws {
        let address = try Self.address(text)
        #expect(BlockedNetworks(blocksPrivate: true).blocks(address))
    }

    @Test(arguments: [
        "8.8.8.8", "123.123.123.123", "172.32.0.1", "172.15.255.255", "100.128.0.1", "11.0.0.1", "192.1.0.1",
        "223.255.255.255",
        "2600::beef", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
    func letsWhatIsPublicThrough(_ text: String) throws {
        let address = try Self.address(text)
        #expect(!BlockedNetworks(blocksPrivate: true).blocks(address))
    }

    @Test(arguments: [
        ("123.123.0.0/16", "123.123.9.9", true), ("123.123.0.0/16", "123.124.0.0", false),
        ("123.123.0.0/16", "::ffff:123.123.1.1", true), ("123.123.0.0/16", "64:ff9b::123.123.1.1", true),
        ("123.123.0.0/16", "64:ff9b:1:7b7b:1:100::", true), ("123.123.0.0/16", "2002:7b7b:101::", true),
        ("123.123.0.0/16", "2001:0:7b7b:101::", true), ("123.123.0.0/16", "2001:0:1:1::8484:8484", true),
        ("::ffff:123.123.0.0/112", "123.123.1.1", true), ("::ffff:123.123.0.0/112", "::ffff:123.123.1.1", true),
        ("2001:4860::/32", "2001:4860::8888", true), ("2001:4860::/32", "2001:4861::", false),
        ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2600::1", false), ("::/0", "8.8.8.8", false),
        ("::/0", "2600::1", true), ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4", "1.2.3.5", false),
    ])
    func blocksByNetwork(_ network: String, _ address: String, _ isBlocked: Bool) throws {
        let blocked = BlockedNetworks([try #require(IPNetwork(network))])
        let parsed = try Self.address(address)
        #expect(blocked.blocks(parsed) == isBlocked)
    }

    @Test func readsOctets() {
        #expect(IPAddress(octets: [127, 0, 0, 1])?.description == "127.0.0.1")
        #expect(IPAddress(octets: [UInt8](repeating: 0, count: 15) + [1])?.description == "::1")
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
    }
}
