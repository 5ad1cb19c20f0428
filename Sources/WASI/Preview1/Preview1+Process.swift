import ComponentModel
import WasmEngine

/// Arguments, environment, random bytes, the end.
extension Preview1 {
    static let processFunctions: [Preview1Function] = [
        Preview1Function("args_sizes_get", [.i32, .i32]) { call in
            try Self.sizes(call.guest.arguments, call)
        },
        Preview1Function("args_get", [.i32, .i32]) { call in
            try Self.write(call.guest.arguments, call)
        },
        Preview1Function("environ_sizes_get", [.i32, .i32]) { call in
            try Self.sizes(call.guest.environment.map { "\($0.0)=\($0.1)" }, call)
        },
        Preview1Function("environ_get", [.i32, .i32]) { call in
            try Self.write(call.guest.environment.map { "\($0.0)=\($0.1)" }, call)
        },
        Preview1Function("random_get", [.i32, .i32]) { call in
            let limit = call.context.limits.randomBytes
            guard call.u32(1) <= UInt32(clamping: limit) else {
                throw GuestFault("it was asked for \(call.u32(1)) bytes; at most \(limit) are given in one call")
            }
            Platform.fillRandom(try call.memory().buffer(call.u32(0), call.u32(1)))
        },
        Preview1Function("proc_exit", [.i32], false) { call in
            // The low eight bits, as everywhere in POSIX.
            throw GuestExit(status: UInt8(truncatingIfNeeded: call.u32(0)))
        },
        Preview1Function("proc_raise", [.i32]) { _ in throw Errno.notSupported },
        Preview1Function("sched_yield", []) { _ in },
    ]

    private static func sizes(_ texts: [String], _ call: borrowing Preview1Call) throws {
        let memory = try call.memory()
        try memory.set(u32: UInt32(clamping: texts.count), at: call.u32(0))
        try memory.set(u32: UInt32(clamping: texts.reduce(0) { $0 + $1.utf8.count + 1 }), at: call.u32(1))
    }

    /// Writes the texts with a NUL each, and the pointers to them.
    private static func write(_ texts: [String], _ call: borrowing Preview1Call) throws {
        let memory = try call.memory()
        let pointers = try memory.range(call.u32(0), texts.count * 4, alignment: 4)
        var next = call.u32(1)
        for (index, text) in texts.enumerated() {
            pointers.set(u32: next, at: index * 4)
            let bytes = Array(text.utf8) + [0]
            try bytes.withUnsafeBytes { try memory.copy($0, to: next) }
            // In bounds, so no overflow but the last one's end at 4 GiB.
            next = next &+ UInt32(truncatingIfNeeded: bytes.count)
        }
    }
}
