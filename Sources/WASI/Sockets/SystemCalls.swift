#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// The system's functions under names that the methods of `Socket` do not hide.

func systemBind(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(socket, address, length)
}

func systemConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}

func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }

func systemAccept(_ socket: Int32) -> Int32 { accept(socket, nil, nil) }

func systemShutdown(_ socket: Int32, _ how: Int32) -> Int32 { shutdown(socket, how) }

/// Looks once, without waiting.
func systemPoll(_ descriptor: inout pollfd) -> Int32 { poll(&descriptor, 1, 0) }

/// Sending to a connection that is gone is an error, never a signal.
func systemSend(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Darwin)
    send(socket, bytes.baseAddress, bytes.count, 0)
    #else
    send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    #endif
}

func systemSend(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, to address: InternetAddress) -> Int {
    address.withSystemAddress { systemAddress, length in
        #if canImport(Darwin)
        sendto(socket, bytes.baseAddress, bytes.count, 0, systemAddress, length)
        #else
        sendto(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), systemAddress, length)
        #endif
    }
}

func systemReceive(_ socket: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    recv(socket, bytes.baseAddress, bytes.count, 0)
}

/// One datagram and where it came from.
func systemReceiveFrom(_ socket: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> (Int, InternetAddress?) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let count = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            recvfrom(socket, bytes.baseAddress, bytes.count, 0, $0, &length)
        }
    }
    return (count, InternetAddress(storage))
}
