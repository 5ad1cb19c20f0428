import Foundation
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// An HTTP server that answers each request after a while, on one thread however many wait.
///
/// `/half` breaks off within its body, `/close` before any byte, `/never` keeps silent, `/stall` does so within its body. An
/// exclamation mark at the end says nothing.
final class WaitingServer: @unchecked Sendable {
    private struct Client {
        var input: [UInt8] = []
        /// When the answer is due.
        var due: Double?
    }

    let port: UInt16
    private let listener: Int32
    private let delay: Double
    /// Answers that are due wait until so many requests are there, once.
    private let gathering: Int
    private let lock = NSLock()
    private var most = 0
    private var isStopped = false

    /// The most requests that waited at a time.
    var mostAtATime: Int { self.lock.withLock { self.most } }

    /// - Parameters:
    ///   - delay: of each answer, in seconds.
    ///   - gathering: so many requests must wait at a time before the first one is answered: a test of their number then
    ///     does not depend on how fast anything is.
    init(delay: Double = 0.1, gathering: Int = 1) throws {
        self.delay = delay
        self.gathering = gathering
        guard let (listener, port) = Loopback.bind(), listen(listener, 4096) == 0 else {
            throw TestError("there is no free port")
        }
        self.listener = listener
        self.port = port
        Thread { self.serve() }.start()
    }

    func stop() { self.lock.withLock { self.isStopped = true } }

    private func serve() {
        var clients: [Int32: Client] = [:]
        while !self.lock.withLock({ self.isStopped }) {
            var polled = [pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)]
            polled += clients.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), 5)
            for entry in polled where entry.revents != 0 {
                if entry.fd == self.listener {
                    let client = accept(self.listener, nil, nil)
                    if client >= 0 { clients[client] = Client() }
                } else if !self.receive(entry.fd, &clients) {
                    close(entry.fd)
                    clients[entry.fd] = nil
                }
            }
            guard self.mostAtATime >= self.gathering else { continue }
            let now = ProcessInfo.processInfo.systemUptime
            for (descriptor, client) in clients where client.due.map({ $0 <= now }) == true {
                clients[descriptor]?.due = nil
                Self.send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nwaited", to: descriptor)
            }
        }
        for descriptor in clients.keys { close(descriptor) }
        close(self.listener)
    }

    /// False when the connection is over.
    private func receive(_ descriptor: Int32, _ clients: inout [Int32: Client]) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0, var client = clients[descriptor] else { return false }
        client.input += bytes[..<count]
        if client.input.suffix(4) == Array("\r\n\r\n".utf8)[...] {
            let target = String(decoding: client.input, as: UTF8.self).split(separator: " ").dropFirst().first ?? ""
            client.input = []
            switch target.last == "!" ? target.dropLast() : target {
            case "/close": return false
            case "/half":
                Self.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", to: descriptor)
                return false
            case "/never": break
            case "/stall": Self.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nstall", to: descriptor)
            default: client.due = ProcessInfo.processInfo.systemUptime + self.delay
            }
        }
        clients[descriptor] = client
        let waiting = clients.values.count { $0.due != nil }
        self.lock.withLock { self.most = max(self.most, waiting) }
        return true
    }

    private static func send(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, &bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
