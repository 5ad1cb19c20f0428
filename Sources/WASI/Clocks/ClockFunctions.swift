package import ComponentModel

/// `wasi:clocks/monotonic-clock`, on the clock of the event loop's timers.
package enum ClocksMonotonicClockFunctions: WasiClocksMonotonicClock.Functions {
    package static func now(in call: borrowing HostCall) throws -> UInt64 {
        call.host(WASIContext.self).monotonicNow
    }

    package static func resolution(in call: borrowing HostCall) throws -> UInt64 {
        Platform.resolution(realTime: false)
    }

    package static func subscribeInstant(when: UInt64, in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(ClockSource(deadline: when, eventLoop: call.host(WASIContext.self).eventLoop))
    }

    package static func subscribeDuration(when: UInt64, in call: borrowing HostCall) throws -> PollableResource {
        guard when > 0 else { return PollableResource(AlwaysReady()) }
        let context = call.host(WASIContext.self)
        let (deadline, overflow) = context.monotonicNow.addingReportingOverflow(when)
        return PollableResource(ClockSource(deadline: overflow ? .max : deadline, eventLoop: context.eventLoop))
    }
}

/// `wasi:clocks/wall-clock`.
package enum ClocksWallClockFunctions: WasiClocksWallClock.Functions {
    package static func now(in call: borrowing HostCall) throws -> WasiClocksWallClock.Datetime {
        let time = Platform.realTime()
        // A clock before 1970 cannot be told to the guest.
        guard time.seconds >= 0 else { return WasiClocksWallClock.Datetime(seconds: 0, nanoseconds: 0) }
        return WasiClocksWallClock.Datetime(seconds: UInt64(time.seconds), nanoseconds: time.nanoseconds)
    }

    package static func resolution(in call: borrowing HostCall) throws -> WasiClocksWallClock.Datetime {
        let resolution = Platform.resolution(realTime: true)
        return WasiClocksWallClock.Datetime(
            seconds: resolution / 1_000_000_000, nanoseconds: UInt32(resolution % 1_000_000_000))
    }
}

extension ClocksMonotonicClockFunctions: WasiClocksMonotonicClockV3.Functions {
    package static func getResolution(in call: borrowing HostCall) throws -> UInt64 {
        try self.resolution(in: call)
    }

    package static func waitUntil(when: UInt64, in call: borrowing HostCall) throws -> HostAnswer<Void> {
        ClockSource.wait(until: when, on: call.host(WASIContext.self).eventLoop)
    }

    package static func waitFor(howLong: UInt64, in call: borrowing HostCall) throws -> HostAnswer<Void> {
        guard howLong > 0 else { return .ready(()) }
        let context = call.host(WASIContext.self)
        let (deadline, overflow) = context.monotonicNow.addingReportingOverflow(howLong)
        return ClockSource.wait(until: overflow ? .max : deadline, on: context.eventLoop)
    }
}

package typealias ClocksMonotonicClockV3Functions = ClocksMonotonicClockFunctions

/// `wasi:clocks/system-clock`: what 0.2 calls the wall clock, with a sign.
package enum ClocksSystemClockV3Functions: WasiClocksSystemClockV3.Functions {
    package static func now(in call: borrowing HostCall) throws -> WasiClocksSystemClockV3.Instant {
        let time = Platform.realTime()
        return WasiClocksSystemClockV3.Instant(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }

    package static func getResolution(in call: borrowing HostCall) throws -> UInt64 {
        Platform.resolution(realTime: true)
    }
}

/// `wasi:clocks/timezone`: guests live in UTC, wherever the server is.
package enum ClocksTimezoneV3Functions: WasiClocksTimezoneV3.Functions {
    package static func ianaId(in call: borrowing HostCall) throws -> String? { "UTC" }

    package static func utcOffset(
        when: WasiClocksSystemClockV3.Instant, in call: borrowing HostCall
    ) throws -> Int64? { 0 }

    package static func toDebugString(in call: borrowing HostCall) throws -> String { "UTC" }
}
