import ComponentModel
import Testing
import WasmEngine

/// Calls of host functions with typed values: what passes, and what the Canonical ABI forbids.
@Suite struct HostCallTests {
    @Test func flatValuesPass() throws {
        let host = Recorder()
        let guest = GuestText(run: "(i32.wrap_i64 (call $add (i32.const 40) (i64.const 2)))")
        #expect(try run(guest, host: host) == 42)
        #expect(host.calls == ["add 40 2"])
    }

    @Test func bytesPassInBulk() throws {
        #expect(try run(GuestText(run: "(call $sum (i32.const 23) (i32.const 3))")) == 6)
        #expect(try run(GuestText(run: "(call $sum (i32.const 0) (i32.const 65536))")) > 6)
    }

    @Test func anEmptyListMayLieAtTheEndOfMemory() throws {
        #expect(try run(GuestText(run: "(call $sum (i32.const 65536) (i32.const 0))")) == 0)
    }

    /// The result goes through the guest's allocator, its place into the return area.
    @Test func stringsPassBothWays() throws {
        let guest = GuestText(
            run: """
                (call $greet (i32.const 16) (i32.const 5) (i32.const 64))
                (if (i32.ne (i32.load (i32.const 64)) (i32.const 1024)) (then unreachable))
                (i32.add
                  (i32.mul (i32.load (i32.const 68)) (i32.const 1000))
                  (call $sum (i32.load (i32.const 64)) (i32.load (i32.const 68))))
                """)
        let text = "Hello, World!"
        #expect(try run(guest) == UInt32(text.utf8.count * 1000) + text.utf8.reduce(0) { $0 + UInt32($1) })
    }

    /// Many strings that are all the same bytes of the guest: 64 KiB there would be 128 MiB here.
    @Test func sharedBytesDoNotMultiplyWithoutEnd() throws {
        var guest = GuestText(run: "(call $fill) (call $names (i32.const 0) (i32.const 4096))")
        guest.fields = """
            (func $fill (local $at i32)
              (loop $next
                (i32.store (local.get $at) (i32.const 32768))
                (i32.store offset=4 (local.get $at) (i32.const 32768))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const 32768)))))
            """
        #expect(try fault(guest) == "one call passed more than 134217728 bytes to the host")
        guest.run = "(call $fill) (call $names (i32.const 0) (i32.const 16))"
        #expect(try run(guest) == 16 * 32768)
    }

    @Test func tuplesReturnInTheirArea() throws {
        let guest = GuestText(
            run: """
                (call $pair (i32.const 64))
                (i32.add (i32.mul (i32.load (i32.const 64)) (i32.const 10)) (i32.load (i32.const 68)))
                """)
        #expect(try run(guest) == 34)
    }

    @Test(arguments: [
        // Not UTF-8, cut in the middle of memory, past its end, and a sum beyond 32 bits.
        ("(call $greet (i32.const 20) (i32.const 2) (i32.const 64))", "string at 0x14 of 2 bytes is not UTF-8"),
        (
            "(call $greet (i32.const 65530) (i32.const 7) (i32.const 64))",
            "pointer 0xfffa with 7 bytes is outside the guest's memory of 65536 bytes"
        ),
        (
            "(drop (call $sum (i32.const 65537) (i32.const 0)))",
            "pointer 0x10001 with 0 bytes is outside the guest's memory of 65536 bytes"
        ),
        (
            "(drop (call $sum (i32.const -1) (i32.const -1)))",
            "pointer 0xffffffff with 4294967295 bytes is outside the guest's memory of 65536 bytes"
        ),
        (
            "(drop (call $sum-wide (i32.const 8) (i32.const 0x20000000)))",
            "pointer 0x8 with 4294967296 bytes is outside the guest's memory of 65536 bytes"
        ),
        ("(drop (call $sum-wide (i32.const 12) (i32.const 1)))", "pointer 0xc is not aligned to 8"),
        ("(call $pair (i32.const 66))", "pointer 0x42 is not aligned to 4"),
        (
            "(call $pair (i32.const 65532))",
            "pointer 0xfffc with 8 bytes is outside the guest's memory of 65536 bytes"
        ),
    ])
    func badPointersTrap(call: String, message: String) throws {
        #expect(try fault(GuestText(run: "\(call) (i32.const 0)")) == message)
    }

    @Test(arguments: [
        (
            "(i32.const -8)",
            "pointer 0xfffffff8 with 13 bytes is outside the guest's memory of 65536 bytes"
        ),
        (
            "(i32.const 65530)",
            "pointer 0xfffa with 13 bytes is outside the guest's memory of 65536 bytes"
        ),
    ])
    func reallocMustReturnMemory(body: String, message: String) throws {
        var guest = GuestText(run: "(call $greet (i32.const 16) (i32.const 5) (i32.const 64)) (i32.const 0)")
        guest.realloc = body
        #expect(try fault(guest) == message)
    }

    @Test func reallocMustAlign() throws {
        var guest = GuestText(run: "(call $numbers (i32.const 64)) (i32.const 0)")
        guest.realloc = "(i32.const 1026)"
        #expect(try fault(guest) == "pointer 0x402 is not aligned to 4")
    }

    @Test func errorsOfTheHostPassUnchanged() throws {
        do {
            _ = try run(GuestText(run: "(call $refuse) (i32.const 0)"))
            Issue.record("the host function threw")
        } catch WasmFailure.host(let error) {
            #expect(error is TestAPI.Refusal)
        }
    }

    // MARK: May not leave

    private static let callbackFields = "(elem (i32.const 0) func $callback)"

    @Test func reallocMayNotCallOut() throws {
        var guest = GuestText(run: "(call $greet (i32.const 16) (i32.const 5) (i32.const 64)) (i32.const 0)")
        guest.realloc = "(call_indirect (type $callback) (i32.const 0)) (i32.const 1024)"
        guest.fields =
            "(func $callback (drop (call $add (i32.const 1) (i64.const 1)))) \(Self.callbackFields)"
        let host = Recorder()
        #expect(try fault(guest, host: host).hasPrefix("cannot leave component instance"))
        #expect(host.calls.isEmpty)
    }

    @Test func postReturnMayNotCallOut() throws {
        var guest = GuestText(run: "(i32.const 5)")
        guest.postReturn = "(drop (call $add (i32.const 1) (i64.const 1)))"
        let host = Recorder()
        #expect(try fault(guest, host: host).hasPrefix("cannot leave component instance"))
        #expect(host.calls.isEmpty)
    }

    @Test func postReturnMayNotDropAHandle() throws {
        var guest = GuestText(run: "(global.set $kept (call $make (i32.const 1))) (i32.const 5)")
        guest.postReturn = "(call $drop-thing (global.get $kept))"
        #expect(try fault(guest).hasPrefix("cannot leave component instance"))
    }

    @Test func postReturnGetsTheResult() throws {
        var guest = GuestText(run: "(i32.const 5)")
        guest.postReturn = "(if (i32.eq (local.get 0) (i32.const 5)) (then unreachable))"
        do {
            _ = try run(guest)
            Issue.record("post-return was not called with the result")
        } catch WasmFailure.trap(let trap) {
            #expect(trap.code == .unreachable)
        }
    }
}
