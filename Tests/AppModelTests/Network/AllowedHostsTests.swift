import AppModel
import Testing

@Suite struct AllowedHostsTests {
    @Test(arguments: [
        ("http://swirl.dev", AllowedHost.Scheme.named("http"), AllowedHost.Host.exactly(.domain("swirl.dev")), 80..<81),
        ("http://swirl.dev/", .named("http"), .exactly(.domain("swirl.dev")), 80..<81),
        ("HTTPS://Swirl.DEV", .named("https"), .exactly(.domain("swirl.dev")), 443..<444),
        (" https://swirl.dev:5555/ ", .named("https"), .exactly(.domain("swirl.dev")), 5555..<5556),
        ("http://swirl.dev:", .named("http"), .exactly(.domain("swirl.dev")), 80..<81),
        ("http://swirl.dev:4444..5555", .named("http"), .exactly(.domain("swirl.dev")), 4444..<5555),
        ("http://swirl.dev:9..3", .named("http"), .exactly(.domain("swirl.dev")), 9..<9),
        ("*://swirl.dev:7777", .any, .exactly(.domain("swirl.dev")), 7777..<7778),
        ("redis://*", .named("redis"), .any, 6379..<6380),
        ("http://self", .named("http"), .toSelf, 80..<81),
        ("https://self.alt/", .named("https"), .toSelf, 443..<444),
        ("http://localhost:3001", .named("http"), .exactly(.domain("localhost")), 3001..<3002),
        ("http://*.Example.com", .named("http"), .below(suffix: ".example.com"), 80..<81),
        ("http://192.168.1.1", .named("http"), .exactly(.ipv4(0xC0A8_0101)), 80..<81),
        ("http://0x7f.1", .named("http"), .exactly(.ipv4(0x7F00_0001)), 80..<81),
        ("http://[::1]", .named("http"), .exactly(.ipv6(1)), 80..<81),
        ("http://[::1]:8080/", .named("http"), .exactly(.ipv6(1)), 8080..<8081),
        ("http://[::1]:8000..9000", .named("http"), .exactly(.ipv6(1)), 8000..<9000),
        ("*://127.0.0.1/24:80", .any, .ipv4Network(0x7F00_0000, mask: 0xFFFF_FF00), 80..<81),
        ("http://10.0.0.0/8", .named("http"), .ipv4Network(0x0A00_0000, mask: 0xFF00_0000), 80..<81),
        ("http://0.0.0.0/0", .named("http"), .ipv4Network(0, mask: 0), 80..<81),
        ("http://::1/128", .named("http"), .ipv6Network(1, mask: .max), 80..<81),
        ("http://ff00::/8", .named("http"), .ipv6Network(0xFF << 120, mask: 0xFF << 120), 80..<81),
        ("http://ff00::/8:443", .named("http"), .ipv6Network(0xFF << 120, mask: 0xFF << 120), 443..<444),
        ("http://api.spin.internal", .named("http"), .exactly(.domain("api.spin.internal")), 80..<81),
    ])
    func readsAnEntry(
        text: String, scheme: AllowedHost.Scheme, host: AllowedHost.Host, ports: Range<Int>
    ) throws {
        let entry = try AllowedHost(text)
        #expect(entry.scheme == scheme)
        #expect(entry.host == host)
        #expect(entry.port == .range(ports))
        #expect(entry.description == text)
    }

    @Test(arguments: [
        "", "*", ":", "?", "example.com", "example.com:80", "localhost", "[::1]", "[::1]:8080", "://", "http://",
        "http://:80", "http://example.com/a", "http://example.com:80/a/b", "http://*.example.com/p",
        "http://*.example.com:8080/p", "http://example.com//", "http://*.example.com//", "http://self//",
        "http://[::1]//", "http://[::1]/foo", "http://ff00::/8/extra", "http://[::1", "http://[::1]junk",
        "http://[::1junk", "http://[::1]::80", "http://[v1.]", "http://::1", "http://example.com:notaport",
        "http://example.com:8080..70000", "http://example.com:99999", "http://example.com:+80", "http://self:notaport",
        "http://*:notaport", "http://[::1]:notaport", "http://*.example.com:8080..", "http://*.example.com:8O8O",
        "http://127.0.0.0/24/p", "http://127.0.0.0/33", "http://10/8", "*://127.0.0.0/24", "http://*.",
        "http://*.:8080",
        "http://example%.com", "http://example%2.com", "http://example%GG.com", "http://exa[mple.com",
        "http://exa\\mple.com", "http://example.com:80:90", "http://a.*.com", "http://*.*.com", "http://*.127.0.0.1",
        "http://*.192.168.001.001", "http://*.[::1]", "http://1.2.3.4.5", "http://256.1.1.1", "{http,https}://a.com",
        "http://{a,b}.com", "http://a.com:{80,81}", "ht-tp://a.com", "foo://a.com", "insecure:allow-all",
        "http://b\u{FC}cher.example", "http://a b.com",
    ])
    func refusesWhatIsNoEntry(text: String) {
        #expect(throws: AllowedHost.ParseError.self) { try AllowedHost(text) }
    }

    @Test(arguments: [
        (
            "example.com", "`example.com` has no scheme",
            "write `http://example.com`, or `*://example.com` for any scheme"
        ),
        ("http://example.com:99999", "the port `99999` is not valid", "a port is a number up to 65535"),
        ("foo://a.com", "there is no port, and `foo` has no default port", "`:8080`"),
        ("insecure:allow-all", "`insecure:allow-all` is gone", "`*://*:*`"),
        ("http://::1", "the host `:` is not valid", "a host is"),
        ("http://10.0.0.0/33", "the network `10.0.0.0/33` is not valid", "up to 32"),
        ("http://2001:db8::/129", "the network `2001:db8::/129` is not valid", "up to 128"),
        ("http://10.0.0.0/x", "`10.0.0.0/x` has a path", "access is given to hosts"),
        ("http://a.com/x", "`a.com/x` has a path", "access is given to hosts"),
    ])
    func saysWhatToDo(text: String, message: String, hint: String) throws {
        let error = try #require(throws: AllowedHost.ParseError.self) { try AllowedHost(text) }
        #expect(error.message == message)
        #expect(error.hint?.contains(hint) == true)
    }

    static let checks: [(entries: [String], url: String, scheme: String, isAllowed: Bool)] = [
        (["*://*:*"], "tcp://anything:1", "tcp", true),
        (["*://swirl.dev:443", "http://example.com:8383"], "http://example.com:8383/foo/bar", "http", true),
        (["*://swirl.dev:443", "http://example.com:8383"], "https://swirl.dev", "https", true),
        (["*://swirl.dev:443", "http://example.com:8383"], "http://example.com/", "http", false),
        (["*://swirl.dev:443"], "swirl.dev:443", "https", true),
        (["*://swirl.dev:443"], "https://swirl.dev:444", "https", false),
        (["http://example.com"], "https://example.com:80", "https", false),
        (["https://my.api.com/"], "https://MY.api.com/x?y#z", "https", true),
        (["http://*.example.com"], "http://a.b.example.com/foo", "http", true),
        (["http://*.Example.COM"], "http://A.example.com", "http", true),
        (["http://*.example.com"], "http://example.com", "http", false),
        (["http://*.example.com"], "http://myexample.com", "http", false),
        (["http://*.example.com"], "http://.example.com", "http", false),
        (["http://example.com"], "http://example.com@evil.com/", "http", false),
        (["http://example.com"], "http://evil.com/@example.com", "http", false),
        (["http://example.com"], "http://evil.com\\@example.com", "http", false),
        (["mysql://xyz.com"], "mysql://user:pass#word@xyz.com", "mysql", true),
        (["mysql://xyz.com"], "user%3Apass%23word@xyz.com", "mysql", true),
        (["redis://h:6379"], "redis://h", "redis", true),
        (["*://127.0.0.1/24:63551"], "tcp://127.0.0.9:63551", "tcp", true),
        (["*://127.0.0.1/24:63551"], "tcp://127.0.1.9:63551", "tcp", false),
        (["http://10.0.0.0/8"], "http://0x0a.1", "http", true),
        (["http://127.0.0.1"], "http://2130706433", "http", true),
        (["http://10.0.0.0/8"], "http://ten.example", "http", false),
        (["http://2001:db8::/32"], "http://[2001:db8:abcd::1]/x", "http", true),
        (["http://2001:db8::/32"], "http://[2001:db9::1]", "http", false),
        (["http://[::1]"], "http://[::1]:81", "http", false),
        (["http://[::1]"], "http://[0:0:0:0:0:0:0:1]:80", "http", true),
        (["http://h:8000..9000"], "http://h:8000", "http", true),
        (["http://h:8000..9000"], "http://h:9000", "http", false),
        (["http://self"], "http://self/", "http", false),
        ([], "http://a.com", "http", false),
        (["*://*:*"], "http://", "http", false),
        (["*://*:*"], "http://a.com:notaport", "http", false),
        (["http://*:*"], "tcp://a.com:1", "tcp", false),
        (["http://*.spin.internal"], "http://first.spin.internal", "http", true),
        (["http://*.spin.internal"], "http://third.spin.internal", "http", false),
    ]

    @Test(arguments: Self.checks)
    func checksAddresses(entries: [String], url: String, scheme: String, isAllowed: Bool) throws {
        let hosts = try AllowedHosts(entries, componentIDs: ["first", "second"]) { _ in "" }
        let parsed = OutboundURL(url, defaultScheme: scheme)
        #expect(parsed.map { hosts.allows($0) } ?? false == isAllowed)
    }

    @Test func checksHostsWithoutURL() throws {
        let hosts = try AllowedHosts(["https://api.example.com", "tcp://[::1]:9"], componentIDs: []) { _ in "" }
        #expect(hosts.allows(scheme: "https", host: "api.example.com", port: nil))
        #expect(hosts.allows(scheme: "https", host: "API.example.com", port: 443))
        #expect(!hosts.allows(scheme: "https", host: "", port: 443))
        #expect(hosts.allows(scheme: "tcp", host: .ipv6(1), port: 9))
        #expect(!hosts.allows(scheme: "tcp", host: .ipv6(1), port: nil))
    }

    @Test(arguments: [
        (["http://self"], ["http", "https"], true), (["https://self.alt"], ["http", "https"], true),
        (["*://*:*"], ["http"], true), (["http://example.com"], ["http"], false), (["https://self"], ["http"], false),
    ])
    func knowsTheApplicationItself(entries: [String], schemes: [String], isAllowed: Bool) throws {
        let hosts = try AllowedHosts(entries, componentIDs: []) { _ in "" }
        #expect(hosts.allowsSelf(schemes: schemes) == isAllowed)
    }

    @Test func givesVariablesTheirValues() throws {
        let values = ["host": "db.example", "port": "5432", "none": ""]
        let hosts = try AllowedHosts(
            ["postgres://{{ host }}:{{port}}", "{{ none }}", "https://{{ none }}"], componentIDs: []
        ) { values[$0] ?? "?" }
        #expect(hosts.entries.map(\.text) == ["postgres://db.example:5432"])
        #expect(throws: AllowedHost.ParseError.self) {
            try AllowedHosts(["redis://{{ none }}"], componentIDs: []) { _ in "" }
        }
        #expect(throws: AllowedHost.ParseError.self) { try AllowedHosts([""], componentIDs: []) { _ in "" } }
        #expect(throws: Template.ParseError.self) { try AllowedHosts(["http://{{ a"], componentIDs: []) { _ in "" } }
    }

    @Test func listsTheComponentsCalled() throws {
        let hosts = try AllowedHosts(["http://b.spin.internal", "http://c.example"], componentIDs: []) { _ in "" }
        #expect(hosts.chainedComponents(of: ["a", "b", "c"]) == ["b"])
        #expect(ServiceChaining.component(ofHost: "b.spin.internal") == "b")
        #expect(ServiceChaining.component(ofHost: "a.b.spin.internal") == nil)
        #expect(ServiceChaining.component(ofHost: ".spin.internal") == nil)
        #expect(ServiceChaining.component(ofHost: "spin.internal") == nil)
    }

    @Test(arguments: [
        ("https", "example.com", 443, "https://example.com"), ("https", "Example.com", nil, "https://example.com"),
        ("http", "[::1]", 8080, "http://[::1]:8080"), ("tcp", "10.0.0.1", 9, "tcp://10.0.0.1:9"),
        ("http", "self", nil, "http://self"),
    ])
    func namesTheEntryThatWouldAllow(scheme: String, host: String, port: Int?, entry: String) throws {
        let refusal = OutboundRefusal(component: "api", scheme: scheme, host: host, port: port)
        #expect(refusal.entry == entry)
        #expect(refusal.description.hasSuffix("\n    \"\(entry)\""))
        #expect(refusal.description.contains("[component.api]"))
        _ = try AllowedHost(entry)
    }
}
