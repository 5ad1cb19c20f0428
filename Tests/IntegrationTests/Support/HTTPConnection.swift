import Foundation
import TestSupport

/// A blocking HTTP/1.1 client on one socket, plain enough to send what no proper client would.
final class HTTPConnection: @unchecked Sendable {
    // Unchecked: a test writes on one thread and reads on another at most, and a socket allows that.
    private let socket: Int32
    private var buffer = Data()

    /// Longer than anything takes; a test that waits so long has failed.
    private static let patience = 60

    init(port: UInt16) throws {
        guard let socket = Loopback.connect(to: port, patience: Self.patience) else {
            throw TestError("connect to port \(port): \(String(cString: strerror(errno)))")
        }
        self.socket = socket
    }

    deinit {
        Foundation.close(self.socket)
    }

    // MARK: - Bytes

    func write(_ data: Data) throws {
        #if os(Linux)
        let flags = Int32(MSG_NOSIGNAL)
        #else
        let flags: Int32 = 0
        #endif
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.send(self.socket, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { throw TestError("write: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    func write(_ text: String) throws {
        try self.write(Data(text.utf8))
    }

    /// No more is sent on this connection.
    func closeWriting() {
        shutdown(self.socket, Int32(SHUT_WR))
    }

    /// Closes with a reset, as a client that crashes.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        shutdown(self.socket, Int32(SHUT_RDWR))
    }

    /// More bytes into the buffer; false at the end of the connection.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = chunk.withUnsafeMutableBytes { recv(self.socket, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == ECONNRESET { return false }
        guard count >= 0 else { throw TestError("read: \(String(cString: strerror(errno)))") }
        self.buffer.append(contentsOf: chunk[..<count])
        return count > 0
    }

    /// All that comes until the server closes the connection.
    func readToEnd() throws -> Data {
        while try self.fill() {}
        defer { self.buffer = Data() }
        return self.buffer
    }

    /// Reads up to and with a text; nil when the connection ends before it.
    func read(until end: String) throws -> String? {
        while true {
            if let range = self.buffer.range(of: Data(end.utf8)) {
                let text = String(decoding: self.buffer[..<range.upperBound], as: UTF8.self)
                self.buffer = Data(self.buffer[range.upperBound...])
                return text
            }
            guard try self.fill() else { return nil }
        }
    }

    // MARK: - Messages

    func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: Data? = nil
    ) throws -> HTTPResponse {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0 == "host" }) { head += "host: 127.0.0.1\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "content-length: \(body.count)\r\n" }
        try self.write(head + "\r\n")
        guard let body, !body.isEmpty else { return try self.readResponse(to: method) }
        // Beside the reading: a server that streams its answer does not take all of the body first.
        let written = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            try? self.write(body)
            written.signal()
        }
        let response = try self.readResponse(to: method)
        // An answer may come before the whole body is sent: the next request must not get among its bytes.
        guard written.wait(timeout: .now() + 60) == .success else {
            throw TestError("the server answered, but does not take the rest of the body")
        }
        return response
    }

    /// The next response, without those of 1xx.
    func readResponse(to method: String = "GET") throws -> HTTPResponse {
        while true {
            var response = try self.readHead()
            if (100...199).contains(response.status) { continue }
            if method != "HEAD", response.status != 204, response.status != 304 { try self.readBody(&response) }
            return response
        }
    }

    /// The next status line and headers, those of 1xx as well.
    func readHead() throws -> HTTPResponse {
        guard let head = try self.read(until: "\r\n\r\n") else {
            throw TestError(
                "the connection ended before a response: \"\(String(decoding: self.buffer, as: UTF8.self))\"")
        }
        var lines = head.components(separatedBy: "\r\n")[...]
        let status = lines.removeFirst().split(separator: " ", maxSplits: 2)
        guard status.count >= 2, status[0].hasPrefix("HTTP/1."), let code = Int(status[1]) else {
            throw TestError("this is no response: \(head)")
        }
        return HTTPResponse(status: code, headers: Self.fields(lines))
    }

    private func readBody(_ response: inout HTTPResponse) throws {
        if response["transfer-encoding"]?.lowercased() == "chunked" {
            try self.readChunks(&response)
        } else if let length = response["content-length"].flatMap({ Int($0) }) {
            while self.buffer.count < length, try self.fill() {}
            response.isComplete = self.buffer.count >= length
            response.body = Data(self.buffer.prefix(length))
            self.buffer = Data(self.buffer.dropFirst(length))
        } else {
            response.body = try self.readToEnd()
        }
    }

    private func readChunks(_ response: inout HTTPResponse) throws {
        while true {
            guard let line = try self.read(until: "\r\n") else {
                response.isComplete = false
                return
            }
            let size = line.trimmingCharacters(in: .whitespacesAndNewlines)
            guard let length = Int(size, radix: 16) else { throw TestError("this is no chunk size: \(line)") }
            guard length > 0 else { break }
            while self.buffer.count < length + 2, try self.fill() {}
            response.body.append(self.buffer.prefix(length))
            guard self.buffer.count >= length + 2 else {
                response.isComplete = false
                return
            }
            self.buffer = Data(self.buffer.dropFirst(length + 2))
        }
        var lines: [String] = []
        while let line = try self.read(until: "\r\n"), line != "\r\n" { lines.append(String(line.dropLast(1))) }
        response.trailers = Self.fields(lines[...])
    }

    private static func fields(_ lines: ArraySlice<String>) -> [(name: String, value: String)] {
        lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (name: String(line[..<colon]), value: value)
        }
    }
}
