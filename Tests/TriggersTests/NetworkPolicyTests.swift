import AppModel
import Executor
import HTTPClient
import Logging
import Testing
import WASI

/// `allowed_outbound_hosts` for raw sockets.
@Suite struct NetworkPolicyTests {
    private func policy(_ entries: [String]) throws -> ManifestNetworkPolicy {
        let hosts = try AllowedHosts(entries, componentIDs: ["c"]) { $0 }
        return ManifestNetworkPolicy(component: "c", hosts: hosts, logger: Logger(label: "test"))
    }

    @Test(arguments: [
        (["tcp://127.0.0.1:5432"], true), (["tcp://127.0.0.0/8:5432"], true), (["*://127.0.0.1:*"], true),
        (["*://*:*"], true), (["tcp://127.0.0.1:5433"], false), (["udp://127.0.0.1:5432"], false),
        (["postgres://127.0.0.1:5432"], false), (["tcp://10.0.0.0/8:5432"], false), ([], false),
    ])
    func connectsWhereTheManifestSays(_ entries: [String], _ isAllowed: Bool) throws {
        let address = InternetAddress(ipv4: 0x7f00_0001, port: 5432)
        #expect(try self.policy(entries).allows(.tcpConnect, address) == isAllowed)
    }

    @Test func knowsIPv6AndUDP() throws {
        let address = InternetAddress(ipv6: 0, 1, port: 53)
        #expect(try self.policy(["udp://[::1]:53"]).allows(.udpSend, address))
        #expect(try !self.policy(["udp://[::2]:53"]).allows(.udpSend, address))
    }

    @Test func neverLetsAComponentListen() throws {
        let policy = try self.policy(["*://*:*"])
        #expect(!policy.allows(.tcpBind, InternetAddress(ipv4: 0, port: 0)))
        #expect(policy.allows(.udpBind, InternetAddress(ipv4: 0, port: 0)))
    }

    @Test func reachesNoBlockedNetwork() throws {
        let hosts = try AllowedHosts(["*://*:*"], componentIDs: ["c"]) { $0 }
        let policy = ManifestNetworkPolicy(
            component: "c", hosts: hosts, blocked: BlockedNetworks(blocksPrivate: true),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for use in [SocketUse.tcpConnect, .udpSend] {
            #expect(!policy.allows(use, InternetAddress(ipv4: 0x7f00_0001, port: 80)))
            #expect(!policy.allows(use, InternetAddress(ipv6: 0, 1, port: 80)))
            #expect(!policy.allows(use, InternetAddress(ipv6: 0, 0xffff_0a00_0001, port: 80)))
            #expect(policy.allows(use, InternetAddress(ipv4: 0x0808_0808, port: 80)))
        }
        // Reaches nobody yet.
        #expect(policy.allows(.udpBind, InternetAddress(ipv4: 0, port: 0)))
    }

    @Test func countsSockets() throws {
        let places = ConnectionBudget(1)
        let policy = ManifestNetworkPolicy(
            component: "c", hosts: .none, places: places,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(policy.takePlace())
        #expect(!policy.takePlace())
        policy.giveBackPlace()
        #expect(policy.takePlace())
    }

    @Test func looksUpNamesOnlyForThoseThatMayConnectSomewhere() throws {
        #expect(try !self.policy([]).allowsNameLookup)
        #expect(try self.policy(["https://example.com"]).allowsNameLookup)
    }
}
