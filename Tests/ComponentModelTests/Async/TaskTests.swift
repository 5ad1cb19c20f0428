import ComponentModel
import Testing
import WasmEngine

@Suite struct TaskTests {
    // MARK: Answers of the host

    @Test func waitsForALateAnswer() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        try guest.start(3)
        #expect(guest.readyCalls == 1)
        #expect(try !guest.run())
        #expect(guest.host.answers.count == 1)
        guest.host.answers[0].succeed(42)
        #expect(guest.readyCalls == 2)
        #expect(guest.results.isEmpty, "the guest ran outside of run()")
        #expect(try guest.run())
        #expect(guest.results == [.u32(42)])
        #expect(guest.ended == 1)
        #expect(guest.failures.isEmpty)
    }

    @Test func manyTasksWaitAtOnce() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        for value in 0..<1000 { try guest.start(UInt32(value)) }
        #expect(try !guest.run())
        #expect(guest.host.answers.count == 1000)
        for (index, answer) in guest.host.answers.enumerated().reversed() { answer.succeed(UInt32(index) + 5) }
        #expect(try guest.run())
        #expect(guest.results == (0..<1000).reversed().map { .u32($0 + 5) })
        #expect(guest.ended == 1000)
    }

    @Test func anAnswerAtOnceMakesNoSubtask() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (result i32)
                  (call $require (i32.eq (call $now (local.get $v) (i32.const 0)) (i32.const 2)))
                  (call $return (i32.load (i32.const 0)))
                  (i32.const 0))
                (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)
                """, TaskAPI.callback))
        try guest.start(8)
        #expect(try guest.run())
        #expect(guest.results == [.u32(9)])
    }

    private static let synchronous = TaskAPI.guest(
        """
        (func (export "run") (param $v i32) (result i32) (call $later-sync (local.get $v)))
        (func (export "stackful") (param $v i32) (call $return (call $later-sync (local.get $v))))
        """,
        """
        (func (export "run") async (param "v" u32) (result u32) (canon lift (core func $m "run")))
        (func (export "stackful") async (param "v" u32) (result u32) (canon lift (core func $m "stackful") async))
        (func (export "bare") (param "v" u32) (result u32) (canon lift (core func $m "run")))
        """)

    @Test func aSynchronousCallWaitsForALateAnswer() throws {
        let guest = try TaskGuest(Self.synchronous)
        try guest.start(1)
        try guest.start(2)
        #expect(try !guest.run())
        // The guest's function is not written to be interleaved with itself.
        #expect(guest.host.answers.count == 1)
        guest.host.answers[0].succeed(10)
        #expect(try !guest.run())
        #expect(guest.results == [.u32(10)])
        guest.host.answers[1].succeed(20)
        #expect(try guest.run())
        #expect(guest.results == [.u32(10), .u32(20)])
    }

    @Test func threadsWithStacksWaitAtOnce() throws {
        let guest = try TaskGuest(Self.synchronous)
        for value in 0..<20 { try guest.start(UInt32(value), function: "stackful") }
        #expect(try !guest.run())
        #expect(guest.host.answers.count == 20)
        for (index, answer) in guest.host.answers.enumerated().reversed() { answer.succeed(UInt32(index)) }
        #expect(try guest.run())
        #expect(guest.results == (0..<20).reversed().map { .u32($0) })
    }

    @Test func aSynchronousFunctionMayNotWait() throws {
        let guest = try TaskGuest(Self.synchronous)
        try guest.start(1, function: "bare")
        #expect(try guest.fault() == "cannot block a synchronous task before returning")
        #expect(guest.ended == 1)
    }

    @Test func aLateTextGoesThroughTheGuestsAllocator() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (result i32)
                  (local $set i32)
                  (local.set $set (call $set-new))
                  (call $join (i32.shr_u (call $greet (i32.const 64)) (i32.const 4)) (local.get $set))
                  (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
                (func (export "run-callback") (param i32 i32 i32) (result i32)
                  (call $return (i32.add (i32.load (i32.const 68)) (i32.load8_u (i32.load (i32.const 64)))))
                  (i32.const 0))
                """, TaskAPI.callback))
        try guest.start(0)
        #expect(try !guest.run())
        guest.host.texts[0].succeed("Hello")
        #expect(try guest.run())
        #expect(guest.results == [.u32(5 + 72)])
    }

    @Test func anAnswerThatFailsEndsTheInstance() throws {
        struct Broken: Error {}
        let guest = try TaskGuest(TaskAPI.waiting)
        try guest.start(1)
        try guest.start(2)
        #expect(try !guest.run())
        guest.host.answers[0].fail(Broken())
        #expect(throws: Broken.self) { try guest.run() }
        #expect(guest.ended == 2)
        #expect(guest.failures.count == 2)
        #expect(guest.host.cancelled == 1, "the other answer is not wanted any more")
        guest.host.answers[1].succeed(3)
        #expect(throws: Broken.self) { try guest.run() }
        #expect(guest.results.isEmpty)
    }

    // MARK: Lent handles

    private static let lending = TaskAPI.guest(
        """
        (global $thing (mut i32) (i32.const 0))
        (global $set (mut i32) (i32.const 0))
        (func (export "run") (param $drop i32) (result i32)
          (global.set $thing (call $make))
          (global.set $set (call $set-new))
          (call $join (i32.shr_u (call $use (global.get $thing) (i32.const 0)) (i32.const 4)) (global.get $set))
          (if (local.get $drop) (then (call $drop-thing (global.get $thing))))
          (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
        (func (export "run-callback") (param i32 i32 i32) (result i32)
          (call $drop-thing (global.get $thing))
          (call $return (i32.load (i32.const 0)))
          (i32.const 0))
        """, TaskAPI.callback)

    @Test func aHandleIsLentUntilTheSubtaskEnds() throws {
        let guest = try TaskGuest(Self.lending)
        try guest.start(0)
        #expect(try !guest.run())
        guest.host.answers[0].succeed(4)
        #expect(guest.host.things.live == 1)
        #expect(try guest.run())
        #expect(guest.results == [.u32(4)])
        #expect(guest.host.things.live == 0)
    }

    @Test func aLentHandleCannotBeDropped() throws {
        let guest = try TaskGuest(Self.lending)
        try guest.start(1)
        #expect(try guest.fault() == "cannot remove owned resource while borrowed")
    }

    // MARK: Cancelling

    @Test func theHostCancelsATaskThatWaits() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        let task = try guest.start(1)
        try guest.start(2)
        #expect(try !guest.run())
        task.requestCancellation()
        task.requestCancellation()
        #expect(try !guest.run())
        #expect(guest.results.isEmpty)
        #expect(guest.ended == 1)
        // The guest left its own call behind: its answer is of no interest to anybody, and harms nobody.
        for answer in guest.host.answers { answer.succeed(9) }
        #expect(try guest.run())
        #expect(guest.results == [.u32(9)])
        task.requestCancellation()
        #expect(try guest.run())
    }

    @Test func theHostCancelsATaskThatHasNotBegun() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        let task = try guest.start(1)
        task.requestCancellation()
        #expect(try guest.run())
        #expect(guest.host.answers.isEmpty)
        #expect(guest.ended == 1)
    }

    @Test func aTaskThatDoesNotListenGoesOn() throws {
        let guest = try TaskGuest(Self.synchronous)
        let task = try guest.start(1)
        #expect(try !guest.run())
        task.requestCancellation()
        #expect(try !guest.run())
        guest.host.answers[0].succeed(6)
        #expect(try guest.run())
        #expect(guest.results == [.u32(6)])
    }

    @Test func aGuestCancelsItsCallOfTheHost() throws {
        let guest = try TaskGuest(
            TaskAPI.guest(
                """
                (func (export "run") (param $v i32) (result i32)
                  (local $subtask i32)
                  (local.set $subtask (i32.shr_u (call $later (i32.const 1) (i32.const 0)) (i32.const 4)))
                  (call $return (call $subtask-cancel (local.get $subtask)))
                  (call $subtask-drop (local.get $subtask))
                  (i32.const 0))
                (func (export "run-callback") (param i32 i32 i32) (result i32) unreachable)
                """, TaskAPI.callback))
        try guest.start(0)
        #expect(try guest.run())
        #expect(guest.results == [.u32(4)], "cancelled before it returned")
        #expect(guest.host.cancelled == 1)
        guest.host.answers[0].succeed(1)
        #expect(try guest.run())
    }

    // MARK: Ends

    @Test func stoppingDropsWhatWaits() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        try guest.start(1)
        #expect(try !guest.run())
        guest.scheduler.stop()
        #expect(guest.host.cancelled == 1)
        #expect(guest.ended == 0)
        guest.host.answers[0].succeed(1)
        #expect(guest.readyCalls == 1)
    }

    @Test func theHostMayStopFromWithin() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        let function = try #require(guest.component.exportedFunction("run", in: nil))
        var ended = 0
        for value in 0..<3 {
            _ = guest.scheduler.start(
                function, arguments: { $0.set(i32: UInt32(value), at: 0) },
                returned: { [unowned guest] _ in guest.scheduler.stop() }, ended: { _ in ended += 1 })
        }
        #expect(try !guest.run())
        for answer in guest.host.answers { answer.succeed(1) }
        #expect(try guest.run())
        #expect(ended <= 1)
        #expect(guest.host.answers.count == 3)
    }

    @Test func theHostMayStartFromWithin() throws {
        let guest = try TaskGuest(TaskAPI.waiting)
        let function = try #require(guest.component.exportedFunction("run", in: nil))
        var starts = 1
        _ = guest.scheduler.start(
            function, arguments: { $0.set(i32: 1, at: 0) }, returned: { _ in },
            ended: { [unowned guest] _ in
                starts += 1
                _ = try? guest.start(2)
            })
        #expect(try !guest.run())
        guest.host.answers[0].succeed(1)
        #expect(try !guest.run())
        guest.host.answers[1].succeed(7)
        #expect(try guest.run())
        #expect(starts == 2)
        #expect(guest.results == [.u32(7)])
    }

    @Test func lettingGoOfTheSchedulerEndsItsFibers() throws {
        let host: TaskHost
        do {
            let guest = try TaskGuest(Self.synchronous)
            host = guest.host
            try guest.start(1, function: "stackful")
            #expect(try !guest.run())
        }
        #expect(host.cancelled == 1)
        host.answers[0].succeed(1)
    }

    @Test(arguments: ["run", "stackful"])
    func nothingOutlivesTheInstance(function: String) throws {
        weak var task: GuestTask?
        weak var instance: ComponentInstance?
        do {
            let guest = try TaskGuest(function == "run" ? TaskAPI.waiting : Self.synchronous)
            task = try guest.start(1, function: function)
            instance = guest.instance
            _ = try guest.start(2, function: function)
            #expect(try !guest.run())
        }
        #expect(task == nil)
        #expect(instance == nil)
    }

    @Test func stacksAreBounded() throws {
        let guest = try TaskGuest(Self.synchronous)
        for _ in 0..<300 { try guest.start(1, function: "stackful") }
        #expect(try guest.fault().contains("more than 256 threads"))
        #expect(guest.ended == 300)
    }

    @Test func aMistakeOfTheHostDoesNotConcernTheGuest() throws {
        struct Mistake: Error {}
        let guest = try TaskGuest(TaskAPI.waiting)
        let function = try #require(guest.component.exportedFunction("run", in: nil))
        var failure: (any Error)?
        _ = guest.scheduler.start(
            function, arguments: { _ in throw Mistake() }, returned: { _ in },
            ended: { if case .failure(let error) = $0 { failure = error } })
        #expect(try guest.run())
        #expect(failure is Mistake)
        try guest.start(1)
        #expect(try !guest.run())
        guest.host.answers[0].succeed(2)
        #expect(try guest.run())
        #expect(guest.results == [.u32(2)])
    }
}
