import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A blocking client on a plain socket, so that tests decide about every byte and every close;
/// used by one task at a time.
final class TestClient: @unchecked Sendable {
    private var descriptor: Int32

    /// - Parameter receiveBuffer: bytes that the kernel may hold for this client, `nil` for its default.
    convenience init(port: Int, receiveBuffer: Int32? = nil) throws {
        self.init(receiveBuffer: receiveBuffer)
        try self.connect(port: port)
    }

    /// A socket that is not connected yet.
    init(receiveBuffer: Int32? = nil) {
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = Int32(SOCK_STREAM.rawValue)
        #endif
        self.descriptor = socket(AF_INET, type, 0)
        if var size = receiveBuffer {
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    func connect(port: Int) throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        guard connectDescriptor(self.descriptor, to: address) == 0 else {
            throw IOError(errnoCode: errno, reason: "connect")
        }
    }

    deinit {
        self.close()
    }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { sendBytes(self.descriptor, $0) }
            guard count > 0 else {
                throw IOError(errnoCode: errno, reason: "send")
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Some bytes, empty at the end of the connection.
    func receive() throws -> String {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(self.descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else {
            throw IOError(errnoCode: errno, reason: "recv")
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Reads up to and with `end`.
    func receive(until end: String) throws -> String {
        var text = ""
        while !text.hasSuffix(end) {
            let more = try self.receive()
            guard !more.isEmpty else {
                return text
            }
            text += more
        }
        return text
    }

    /// Reads to the end of the connection.
    func receiveAll() throws -> String {
        var text = ""
        while true {
            let more = try self.receive()
            guard !more.isEmpty else {
                return text
            }
            text += more
        }
    }

    /// Closes the write side.
    func shutdownOutput() {
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    func close() {
        guard self.descriptor >= 0 else {
            return
        }
        closeDescriptor(self.descriptor)
        self.descriptor = -1
    }

    /// Closes with a reset.
    func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        self.close()
    }
}

// Outside the class, whose methods hide the system's functions.

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
    send(descriptor, bytes.baseAddress, bytes.count, 0)
    #else
    send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    #endif
}

private func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}

private func connectDescriptor(_ descriptor: Int32, to address: SocketAddress) -> Int32 {
    address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
}

/// The process can open no more files until ``restore()``.
struct FileLimit {
    private var former = rlimit()

    /// Lowers the limit to the files that are open now.
    init() {
        let lowestFree = dup(0)
        closeDescriptor(lowestFree)
        var limit = rlimit()
        #if canImport(Darwin)
        getrlimit(RLIMIT_NOFILE, &limit)
        self.former = limit
        limit.rlim_cur = rlim_t(max(lowestFree, 0))
        setrlimit(RLIMIT_NOFILE, &limit)
        #else
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        self.former = limit
        limit.rlim_cur = rlim_t(max(lowestFree, 0))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
    }

    func restore() {
        var limit = self.former
        #if canImport(Darwin)
        setrlimit(RLIMIT_NOFILE, &limit)
        #else
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
    }
}
