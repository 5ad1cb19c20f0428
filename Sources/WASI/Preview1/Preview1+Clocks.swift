import ComponentModel
import WasmEngine

extension Preview1 {
    /// `clockid`.
    enum Clock: UInt32 {
        case realTime = 0
        case monotonic = 1
    }

    static let clockFunctions: [Preview1Function] = [
        Preview1Function("clock_res_get", [.i32, .i32]) { call in
            let clock = try Self.clock(call.u32(0))
            try call.memory().set(u64: Platform.resolution(realTime: clock == .realTime), at: call.u32(1))
        },
        Preview1Function("clock_time_get", [.i32, .i64, .i32]) { call in
            let clock = try Self.clock(call.u32(0))
            let time = clock == .realTime ? Self.realTime() : call.context.monotonicNow
            try call.memory().set(u64: time, at: call.u32(2))
        },
    ]

    /// - Throws: `inval` for the clocks of processor time, which would tell guests about each other.
    static func clock(_ number: UInt32) throws(Errno) -> Clock {
        guard let clock = Clock(rawValue: number) else { throw .invalid }
        return clock
    }

    /// Nanoseconds since 1970.
    static func realTime() -> UInt64 {
        let time = Platform.realTime()
        guard let seconds = UInt64(exactly: time.seconds) else { return 0 }
        return Self.nanoseconds(seconds, time.nanoseconds)
    }

    static func nanoseconds(_ seconds: UInt64, _ nanoseconds: UInt32) -> UInt64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(nanoseconds))
        return overflow || carry ? .max : sum
    }
}
