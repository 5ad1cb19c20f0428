import ComponentModel
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:io/poll` and the clocks.
@Suite struct PollTests {
    @Test func anEmptyListTraps() throws {
        let host = TestHost()
        try host.call { call throws in
            #expect(throws: GuestFault.self) { try IoPollFunctions.poll(in: [], in: call) }
        }
    }

    @Test func moreThanTheLimitTraps() throws {
        var limits = WASILimits()
        limits.pollables = 3
        let host = TestHost(limits: limits)
        let pollable = PollableResource(AlwaysReady())
        try host.call { call throws in
            #expect(try IoPollFunctions.poll(in: [pollable, pollable, pollable], in: call) == [0, 1, 2])
            #expect(throws: GuestFault.self) {
                try IoPollFunctions.poll(in: Array(repeating: pollable, count: 4), in: call)
            }
        }
    }

    @Test func givesTheIndicesOfThoseThatAreReady() throws {
        let host = TestHost()
        try host.call { call throws in
            let later = try ClocksMonotonicClockFunctions.subscribeDuration(when: 1_000_000, in: call)
            let now = try ClocksMonotonicClockFunctions.subscribeDuration(when: 0, in: call)
            #expect(try IoPollFunctions.poll(in: [later, now, later, now], in: call) == [1, 3])
            #expect(throws: HostLimitError.self) { try IoPollFunctions.poll(in: [later], in: call) }
        }
    }

    @Test func aClockIsReadyWhenItsTimeHasCome() throws {
        let host = TestHost()
        try host.call { call throws in
            let start = try ClocksMonotonicClockFunctions.now(in: call)
            let pollable = try ClocksMonotonicClockFunctions.subscribeDuration(when: 5_000_000, in: call)
            let instant = try ClocksMonotonicClockFunctions.subscribeInstant(when: start + 2_000_000, in: call)
            var woken = 0
            pollable.source.whenReady { woken += 1 }
            host.loop.advanceTime(by: .milliseconds(3))
            #expect(try !pollable.ready(in: call))
            #expect(try instant.ready(in: call))
            #expect(woken == 0)
            host.loop.advanceTime(by: .milliseconds(2))
            #expect(try pollable.ready(in: call))
            #expect(woken == 1)
            try pollable.block(in: call)
            #expect(try ClocksMonotonicClockFunctions.now(in: call) == start + 5_000_000)
        }
    }

    @Test func aDroppedClockTakesItsTimerWithIt() throws {
        let host = TestHost()
        var woken = false
        try host.call { call throws in
            let pollable = try ClocksMonotonicClockFunctions.subscribeDuration(when: 1000, in: call)
            pollable.source.whenReady { woken = true }
        }
        host.loop.advanceTime(by: .seconds(1))
        #expect(!woken)
    }

    @Test func aClockAtTheEndOfTimeIsNeverReady() throws {
        let host = TestHost()
        try host.call { call throws in
            host.loop.advanceTime(by: .seconds(10))
            let pollable = try ClocksMonotonicClockFunctions.subscribeDuration(when: .max, in: call)
            let instant = try ClocksMonotonicClockFunctions.subscribeInstant(when: .max, in: call)
            for clock in [pollable, instant] {
                clock.source.whenReady {}
                #expect(try !clock.ready(in: call))
            }
        }
    }

    @Test func clocksTellTimeAndResolution() throws {
        let host = TestHost()
        try host.call { call throws in
            #expect(try ClocksWallClockFunctions.now(in: call).seconds > 1_700_000_000)
            #expect(try ClocksMonotonicClockFunctions.resolution(in: call) > 0)
            let resolution = try ClocksWallClockFunctions.resolution(in: call)
            #expect(resolution.seconds > 0 || resolution.nanoseconds > 0)
        }
    }
}
