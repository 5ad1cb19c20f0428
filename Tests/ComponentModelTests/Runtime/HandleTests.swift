import ComponentModel
import Testing
import WasmEngine

/// Handles: lent, given away, dropped, forged, and too many.
@Suite struct HandleTests {
    @Test func handlesAreLentAndDropped() throws {
        let host = Recorder()
        let guest = GuestText(
            run: """
                (local.set $a (call $make (i32.const 7)))
                (local.set $b (call $make (i32.const 8)))
                (drop (call $value (local.get $a)))
                (i32.add (i32.mul (call $value (local.get $a)) (i32.const 10)) (call $value (local.get $b)))
                (call $drop-thing (local.get $a))
                """)
        #expect(try run(guest, host: host) == 78)
        #expect(host.things.made == 2)
        #expect(host.things.live == 0)
    }

    @Test func aHandleGivenAwayIsGone() throws {
        let guest = GuestText(
            run: """
                (local.set $a (call $make (i32.const 7)))
                (drop (call $consume (local.get $a)))
                (call $make (i32.const 9))
                """)
        // The index is free again.
        #expect(try run(guest) == 1)
    }

    private static let wrongType =
        "handle index 1 used with the wrong type, "
        + "expected host-defined resource but found a different host-defined resource"

    @Test(arguments: [
        ("(drop (call $value (i32.const 1)))", "unknown handle index 1"),
        ("(drop (call $value (i32.const 0)))", "unknown handle index 0"),
        ("(drop (call $value (i32.const -1)))", "unknown handle index 4294967295"),
        ("(drop (call $value (call $make-other)))", Self.wrongType),
        ("(drop (call $consume (call $make-other)))", Self.wrongType),
        ("(call $drop-thing (call $make-other))", Self.wrongType),
        (
            "(local.set $a (call $make (i32.const 7))) (call $drop-thing (local.get $a)) (call $drop-thing (local.get $a))",
            "unknown handle index 1"
        ),
        (
            """
            (local.set $a (call $make (i32.const 7)))
            (drop (call $consume (local.get $a)))
            (drop (call $consume (local.get $a)))
            """, "unknown handle index 1"
        ),
    ])
    func badHandlesTrap(body: String, message: String) throws {
        let host = Recorder()
        #expect(try fault(GuestText(run: "\(body) (i32.const 0)"), host: host) == message)
        #expect(host.things.live == 0)
    }

    @Test func handlesAreLimited() throws {
        let host = Recorder()
        let guest = GuestText(
            run: """
                (loop $again
                  (drop (call $make (i32.const 1)))
                  (local.set $a (i32.add (local.get $a) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $a) (i32.const 70000))))
                (i32.const 0)
                """)
        #expect(try fault(guest, host: host) == "the guest holds more than 65535 handles")
        #expect(host.things.made == 65536)
        #expect(host.things.live == 0)
    }

    @Test func droppedHandlesDoNotCount() throws {
        let guest = GuestText(
            run: """
                (loop $again
                  (call $drop-thing (call $make (i32.const 1)))
                  (local.set $a (i32.add (local.get $a) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $a) (i32.const 70000))))
                (call $make (i32.const 1))
                """)
        #expect(try run(guest) == 1)
    }

    // MARK: Resources of the component

    /// A component with a resource of its own, whose destructor notes the representation in a global.
    private static func definesResource(run: String, destructor: String = "(global.set 0 (local.get 0))") -> String {
        """
        (component
          (core module $store
            (global (export "dropped") (mut i32) (i32.const 0))
            (func (export "destroy") (param i32) \(destructor)))
          (core instance $store (instantiate $store))
          (type $r (resource (rep i32) (dtor (core func $store "destroy"))))
          (core func $new (canon resource.new $r))
          (core func $rep (canon resource.rep $r))
          (core func $drop (canon resource.drop $r))
          (core instance $h (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop)))
          (core module $main
            (import "h" "new" (func $new (param i32) (result i32)))
            (import "h" "rep" (func $rep (param i32) (result i32)))
            (import "h" "drop" (func $drop (param i32)))
            (import "store" "dropped" (global $dropped (mut i32)))
            (func (export "run") (result i32) (local $a i32) \(run)))
          (core instance $main (instantiate $main (with "h" (instance $h)) (with "store" (instance $store))))
          (func (export "run") (result u32) (canon lift (core func $main "run"))))
        """
    }

    @Test func droppingRunsTheDestructor() throws {
        let component = try linked(
            Self.definesResource(
                run: """
                    (local.set $a (call $new (i32.const 41)))
                    (if (i32.ne (call $rep (local.get $a)) (i32.const 41)) (then unreachable))
                    (if (global.get $dropped) (then unreachable))
                    (call $drop (local.get $a))
                    (global.get $dropped)
                    """))
        #expect(try run(component) == 41)
    }

    @Test func aDroppedResourceHasNoRepresentation() throws {
        let component = try linked(
            Self.definesResource(
                run: "(local.set $a (call $new (i32.const 41))) (call $drop (local.get $a)) (call $rep (local.get $a))")
        )
        #expect(try fault(component) == "unknown handle index 1")
    }

    @Test func aTrapInADestructorStopsTheGuest() throws {
        let component = try linked(
            Self.definesResource(run: "(call $drop (call $new (i32.const 1))) (i32.const 0)", destructor: "unreachable")
        )
        do {
            _ = try run(component)
            Issue.record("the destructor trapped")
        } catch WasmFailure.trap(let trap) {
            #expect(trap.code == .unreachable)
        }
    }

    /// The guest's allocator is empty and its resources cost nothing: only their number is bounded.
    @Test func resourcesOfTheComponentAreLimited() throws {
        let component = try linked(
            Self.definesResource(run: "(loop $again (drop (call $new (i32.const 1))) (br $again)) (i32.const 0)"))
        #expect(try fault(component) == "the guest holds more than 65535 handles")
    }
}
