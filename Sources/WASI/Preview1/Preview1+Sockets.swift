import WasmEngine

/// `sock_*`: no descriptor is ever a socket.
extension Preview1 {
    static let socketFunctions: [Preview1Function] = [
        Preview1Function("sock_accept", [.i32, .i32, .i32]) { call in try Self.refuse(call) },
        Preview1Function("sock_recv", [.i32, .i32, .i32, .i32, .i32, .i32]) { call in try Self.refuse(call) },
        Preview1Function("sock_send", [.i32, .i32, .i32, .i32, .i32]) { call in try Self.refuse(call) },
        Preview1Function("sock_shutdown", [.i32, .i32]) { call in try Self.refuse(call) },
    ]

    private static func refuse(_ call: borrowing Preview1Call) throws(Errno) {
        _ = try call.entry(0)
        throw .notSocket
    }
}
