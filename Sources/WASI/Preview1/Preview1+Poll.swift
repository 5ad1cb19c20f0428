import ComponentModel
import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `poll_oneoff`, on the same sources that `wasi:io/poll` waits for.
extension Preview1 {
    static let pollFunctions: [Preview1Function] = [
        Preview1Function("poll_oneoff", [.i32, .i32, .i32, .i32]) { call in try Self.poll(call) }
    ]

    private enum EventType: UInt8 {
        case clock = 0
        case read = 1
        case write = 2
    }

    private struct Subscription {
        let userData: UInt64
        let type: EventType
        /// What to wait for, or why not.
        let source: Result<any ReadinessSource, Errno>
        /// How much can be read, where that is known.
        let byteCount: UInt64

        var isReady: Bool {
            switch self.source {
            case .success(let source): source.isReady
            case .failure: true
            }
        }
    }

    private static func poll(_ call: borrowing Preview1Call) throws {
        let count = Int(call.u32(2))
        guard count > 0 else { throw Errno.invalid }
        let limit = call.context.limits.pollables
        guard count <= limit else {
            throw GuestFault("it was called with \(count) subscriptions; at most \(limit) are allowed")
        }
        let size = call.version == .snapshot1 ? 48 : 56
        let memory = try call.memory()
        let input = try memory.range(call.u32(0), count * size, alignment: 8)
        _ = try memory.range(call.u32(1), count * 32, alignment: 8)
        _ = try memory.range(call.u32(3), 4, alignment: 4)
        var subscriptions: [Subscription] = []
        for index in 0..<count { subscriptions.append(try Self.subscription(input, at: index * size, call)) }

        while !subscriptions.contains(where: \.isReady) {
            let waker = call.waker
            for case .success(let source) in subscriptions.map(\.source) { source.whenReady { waker.wake() } }
            try call.wait()
        }

        // The guest did not run, so its memory is where it was.
        let output = try call.memory().range(call.u32(1), count * 32, alignment: 8)
        var ready = 0
        for subscription in subscriptions where subscription.isReady {
            let offset = ready * 32
            for word in 0..<4 { output.set(u64: 0, at: offset + word * 8) }
            output.set(u64: subscription.userData, at: offset)
            if case .failure(let errno) = subscription.source { output.set(u16: errno.rawValue, at: offset + 8) }
            output.set(u8: subscription.type.rawValue, at: offset + 10)
            output.set(u64: subscription.byteCount, at: offset + 16)
            ready += 1
        }
        try call.memory().set(u32: UInt32(clamping: ready), at: call.u32(3))
    }

    private static func subscription(
        _ view: GuestMemoryView, at offset: Int, _ call: borrowing Preview1Call
    ) throws(Errno) -> Subscription {
        guard let type = EventType(rawValue: view.u8(offset + 8)) else { throw .invalid }
        let userData = view.u64(offset)
        guard type == .clock else {
            let (source, byteCount) = Self.stream(view.u32(offset + 16), type, call)
            return Subscription(userData: userData, type: type, source: source, byteCount: byteCount)
        }
        // The older version has an identifier before the rest.
        let clock = offset + (call.version == .snapshot1 ? 16 : 24)
        let deadline = Self.deadline(
            clock: view.u32(clock), timeout: view.u64(clock + 8), flags: view.u16(clock + 24), call)
        let source: Result<any ReadinessSource, Errno> = deadline.map {
            ClockSource(deadline: $0, eventLoop: call.context.eventLoop)
        }
        return Subscription(userData: userData, type: type, source: source, byteCount: 0)
    }

    /// An instant of the monotonic clock.
    private static func deadline(
        clock number: UInt32, timeout: UInt64, flags: UInt16, _ call: borrowing Preview1Call
    ) -> Result<UInt64, Errno> {
        guard let clock = Clock(rawValue: number), flags <= 1 else { return .failure(.invalid) }
        var duration = timeout
        if flags == 1 {
            if clock == .monotonic { return .success(timeout) }
            let now = Self.realTime()
            duration = timeout > now ? timeout - now : 0
        }
        let (deadline, overflow) = call.context.monotonicNow.addingReportingOverflow(duration)
        return .success(overflow ? .max : deadline)
    }

    private static func stream(
        _ number: UInt32, _ type: EventType, _ call: borrowing Preview1Call
    ) -> (Result<any ReadinessSource, Errno>, byteCount: UInt64) {
        do throws(Errno) {
            let entry = try call.guest.files[number]
            switch (entry.kind, type) {
            case (.input(let stream, _), .read): return (.success(stream.source), 1)
            case (.output(let stream, _), .write): return (.success(stream.target), 1)
            case (.file(let file), .read):
                let status = try preview1 { () throws(FileError) in try file.file.status() }
                let size = UInt64(max(0, status.st_size))
                return (.success(AlwaysReady()), size > entry.position ? size - entry.position : 0)
            case (.file, .write): return (.success(AlwaysReady()), 1)
            default: return (.failure(.badDescriptor), 0)
            }
        } catch {
            return (.failure(error), 0)
        }
    }
}
