import Foundation

/// A blocking connection to a server on this machine: one request at a time, for what is not measured by load.
final class TCPConnection {
    private let descriptor: Int32

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, Self.streamType, 0)
        guard self.descriptor >= 0 else { throw Self.failure("open a socket") }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let code = Self.withAddress(port: port) { connect(self.descriptor, $0, $1) }
        guard code == 0 else { throw Self.failure("connect to port \(port)") }
    }

    deinit {
        close(self.descriptor)
    }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.send(self.descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw Self.failure("send a request") }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Sends a GET request and reads until the answer contains `text`, at most 64 KiB.
    func get(_ path: String = "/", until text: String) throws {
        try self.send("GET \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        try self.receive(until: text)
    }

    func receive(until text: String) throws {
        let wanted = Data(text.utf8)
        var received = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while received.range(of: wanted) == nil {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count > 0, received.count < 65536 else {
                let start = String(decoding: received.prefix(300), as: UTF8.self)
                throw BenchmarkError("the answer does not contain \"\(text)\": \(start)")
            }
            received.append(contentsOf: buffer[..<count])
        }
    }

    /// Sends one POST request with a body of so many bytes, and reads the answer to its end at the same time.
    ///
    /// - Returns: the bytes of the answer, its head and the frames of its body included.
    func post(_ bytes: Int) throws -> Int {
        try self.send(
            "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: \(bytes)\r\n\r\n")
        let descriptor = self.descriptor
        let writer = Thread {
            let chunk = [UInt8](repeating: 0x78, count: 256 << 10)
            var rest = bytes
            while rest > 0 {
                let count = Foundation.send(descriptor, chunk, min(rest, chunk.count), Self.noSignal)
                // Whoever reads the answer sees that it ends early.
                guard count > 0 else { return }
                rest -= count
            }
        }
        writer.start()
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var total = 0
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Self.failure("read an answer") }
            guard count > 0 else { return total }
            if total == 0, !buffer.starts(with: Array("HTTP/1.1 200".utf8)) {
                throw BenchmarkError("the answer is \(String(decoding: buffer.prefix(min(count, 300)), as: UTF8.self))")
            }
            total += count
        }
    }

    private static var noSignal: Int32 {
        #if canImport(Glibc)
        Int32(MSG_NOSIGNAL)
        #else
        0
        #endif
    }

    // MARK: Ports

    /// A port that nothing used a moment ago, for a server that cannot choose its own.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, self.streamType, 0)
        defer { close(descriptor) }
        guard self.withAddress(port: 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw self.failure("bind a port")
        }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard code == 0 else { throw self.failure("find the port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Waits until `process` accepts connections on `port`.
    static func wait(untilServed port: Int, by process: ChildProcess) throws {
        let start = ContinuousClock.now
        while (try? TCPConnection(port: port)) == nil {
            guard Stopwatch.seconds(since: start) < 10 else { throw process.failure("does not accept connections") }
            usleep(5_000)
        }
    }

    private static var streamType: Int32 {
        #if canImport(Glibc)
        Int32(SOCK_STREAM.rawValue)
        #else
        SOCK_STREAM
        #endif
    }

    private static func withAddress(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func failure(_ what: String) -> BenchmarkError {
        BenchmarkError("cannot \(what): \(String(cString: strerror(errno)))")
    }
}
