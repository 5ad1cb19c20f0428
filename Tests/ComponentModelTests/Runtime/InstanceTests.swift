import ComponentModel
import Testing
import WasmEngine

/// Making, suspending and dropping instances.
@Suite struct InstanceTests {
    @Test func aGuestWaitsInsideAHostCall() throws {
        let host = Recorder()
        let guest = try RunningGuest(
            linked(GuestText(run: "(call $pause) (call $drop-thing (call $make (i32.const 3))) (i32.const 9)").text),
            host: host)
        #expect(try guest.advance() == false)
        #expect(host.calls == ["pause"])
        // A spurious wake-up: the host function looks again.
        #expect(try guest.advance() == false)
        guest.wake()
        #expect(guest.wakeUps == 1)
        host.isReady = true
        #expect(try guest.advance())
        #expect(guest.result == 9)
        #expect(host.calls == ["pause", "resumed"])
    }

    @Test func manyGuestsWaitSideBySide() throws {
        let component = try linked(GuestText(run: "(call $pause) (i32.const 9)").text)
        let guests = try (0..<50).map { _ in try RunningGuest(component) }
        for guest in guests { #expect(try guest.advance() == false) }
        for guest in guests.reversed() {
            guest.host.isReady = true
            #expect(try guest.advance())
            #expect(guest.result == 9)
        }
    }

    @Test func instancesLeaveNothingBehind() throws {
        let component = try linked(
            GuestText(
                run: """
                    (drop (call $make (i32.const 1)))
                    (drop (call $make (i32.const 2)))
                    (call $drop-thing (call $make (i32.const 3)))
                    (i32.const 1)
                    """
            ).text)
        let hosts = LiveCount()
        for _ in 0..<1000 {
            let host = Recorder(count: hosts)
            #expect(try run(component, host: host) == 1)
            #expect(host.things.made == 3)
            #expect(host.things.live == 0)
        }
        #expect(hosts.made == 1000)
        #expect(hosts.live == 0)
    }

    /// A client that goes away: what the guest held is let go where it stood.
    @Test(arguments: [true, false])
    func cancelledGuestsLeaveNothingBehind(byHand: Bool) throws {
        let component = try linked(
            GuestText(run: "(drop (call $make (i32.const 1))) (call $pause) (i32.const 1)").text)
        let hosts = LiveCount()
        for _ in 0..<200 {
            let host = Recorder(count: hosts)
            let things = host.things
            let guest = try RunningGuest(component, host: host)
            #expect(try guest.advance() == false)
            #expect(things.live == 1)
            // By hand or by letting go of it.
            if byHand { guest.cancel() }
            #expect(things.live == (byHand ? 0 : 1))
        }
        #expect(hosts.made == 200)
        #expect(hosts.live == 0)
    }

    @Test func trappedGuestsLeaveNothingBehind() throws {
        let component = try linked(GuestText(run: "(drop (call $make (i32.const 1))) unreachable").text)
        let hosts = LiveCount()
        for _ in 0..<200 {
            #expect(throws: WasmFailure.self) { try run(component, host: Recorder(count: hosts)) }
        }
        #expect(hosts.made == 200)
        #expect(hosts.live == 0)
    }

    @Test func aTrapOfAStartFunctionFailsInstantiation() throws {
        var guest = GuestText(run: "(i32.const 1)")
        guest.fields = "(func $begin unreachable) (start $begin)"
        do {
            _ = try run(guest)
            Issue.record("the start function trapped")
        } catch WasmFailure.trap(let trap) {
            #expect(trap.code == .unreachable)
        }
    }

    @Test func startFunctionsMayCallTheHost() throws {
        var guest = GuestText(run: "(global.get $kept)")
        guest.fields = """
            (func $begin
              (global.set $kept (call $sum (i32.const 23) (i32.const 3)))
              (drop (call $add (i32.const 1) (i64.const 2))))
            (start $begin)
            """
        let host = Recorder()
        #expect(try run(guest, host: host) == 6)
        #expect(host.calls == ["add 1 2"])
    }

    /// Imports are host functions alone: nothing is wired, all is linked at load.
    @Test(arguments: [true, false])
    func modulesOfHostFunctionsAloneRun(foldsShims: Bool) throws {
        let component = try linked(
            """
            (component
              (import "test:host/api@1.0.0" (instance $api
                (export "add" (func (param "a" u32) (param "b" u64) (result u64)))))
              (core func $add (canon lower (func $api "add")))
              (core instance $h (export "add" (func $add)))
              (core module $main
                (import "h" "add" (func $add (param i32 i64) (result i64)))
                (func (export "run") (result i32) (i32.wrap_i64 (call $add (i32.const 3) (i64.const 4)))))
              (core instance $main (instantiate $main (with "h" (instance $h))))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """, foldsShims: foldsShims)
        #expect(try run(component) == 7)
    }

    // MARK: Folded shims

    /// As wit-component lays it out: `main` has memory and allocator, and calls the host through a shim's table.
    private static func shimmed(_ fields: String) -> String {
        """
        (component
          (import "test:host/api@1.0.0" (instance $api
            (export "thing" (type $thing (sub resource)))
            (export "numbers" (func (result (list u32))))
            (export "sum" (func (param "bytes" (list u8)) (result u32)))))
          (core module $main
            (import "h" "numbers" (func $numbers (param i32)))
            (import "h" "sum" (func $sum (param i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "\\01\\02\\03")
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128))
            \(fields))
          (core module $shim
            (type $numbers (func (param i32)))
            (type $sum (func (param i32 i32) (result i32)))
            (table (export "$imports") 2 2 funcref)
            (func (export "0") (type $numbers) local.get 0 i32.const 0 call_indirect (type $numbers))
            (func (export "1") (type $sum) local.get 0 local.get 1 i32.const 1 call_indirect (type $sum)))
          (core module $fixup
            (import "" "0" (func (param i32)))
            (import "" "1" (func (param i32 i32) (result i32)))
            (import "" "$imports" (table 2 2 funcref))
            (elem (i32.const 0) func 0 1))
          (core instance $shim (instantiate $shim))
          (alias core export $shim "0" (core func $indirect-numbers))
          (alias core export $shim "1" (core func $indirect-sum))
          (core instance $h (export "numbers" (func $indirect-numbers)) (export "sum" (func $indirect-sum)))
          (core instance $main (instantiate $main (with "h" (instance $h))))
          (alias core export $main "memory" (core memory $memory))
          (alias core export $main "realloc" (core func $realloc))
          (alias core export $shim "$imports" (core table $table))
          (core func $numbers (canon lower (func $api "numbers") (memory $memory) (realloc $realloc)))
          (core func $sum (canon lower (func $api "sum") (memory $memory)))
          (core instance $fixup-imports
            (export "$imports" (table $table)) (export "0" (func $numbers)) (export "1" (func $sum)))
          (core instance (instantiate $fixup (with "" (instance $fixup-imports))))
          (func (export "run") (result u32) (canon lift (core func $main "run"))))
        """
    }

    @Test(arguments: [true, false])
    func shimsRunFoldedOrNot(foldsShims: Bool) throws {
        let component = try linked(
            Self.shimmed(
                """
                (func (export "run") (result i32)
                  (call $numbers (i32.const 64))
                  (i32.add
                    (i32.add (i32.load (i32.const 64)) (i32.load (i32.const 68)))
                    (call $sum (i32.const 16) (i32.const 3))))
                """), foldsShims: foldsShims)
        #expect(try run(component) == 128 + 2 + 6)
    }

    /// The start function runs before anybody knows the memory and the allocator of its instance.
    @Test(
        arguments: [true, false], ["(call $numbers (i32.const 64))", "(drop (call $sum (i32.const 16) (i32.const 3)))"])
    func startFunctionsBehindAShimTrap(foldsShims: Bool, call: String) throws {
        let component = try linked(
            Self.shimmed(
                "(func $begin \(call)) (start $begin) (func (export \"run\") (result i32) (i32.const 1))"),
            foldsShims: foldsShims)
        #expect(throws: WasmFailure.self) { try run(component) }
    }
}
