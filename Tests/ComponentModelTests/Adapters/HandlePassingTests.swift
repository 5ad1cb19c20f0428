import ComponentModel
import Testing

/// Handles between components: given away, lent, returned, and what is wrong with them.
@Suite struct HandlePassingTests {
    /// `$owner` defines `thing` with functions; `$user` imports them; its `run` gets locals `$a`, `$b`.
    private static func composed(run: String, ownerFields: String = "", hold: String = "") -> String {
        """
        (component
          (component $owner
            (core module $state
              (global $dropped (export "dropped") (mut i32) (i32.const 0))
              (func (export "destroy") (param i32)
                (global.set $dropped (i32.add (i32.mul (global.get $dropped) (i32.const 100)) (local.get 0)))))
            (core instance $state (instantiate $state))
            (type $thing' (resource (rep i32) (dtor (core func $state "destroy"))))
            (export $thing "thing" (type $thing'))
            (core func $new (canon resource.new $thing'))
            (core func $rep (canon resource.rep $thing'))
            (core func $drop (canon resource.drop $thing'))
            (core module $m
              (import "" "new" (func $new (param i32) (result i32)))
              (import "" "rep" (func $rep (param i32) (result i32)))
              (import "" "drop" (func $drop (param i32)))
              (import "state" "dropped" (global $dropped (mut i32)))
              (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
              ;; The definer of a resource is given its representation.
              (func (export "value") (param i32) (result i32) (local.get 0))
              (func (export "take") (param i32) (result i32) (local $rep i32)
                (local.set $rep (call $rep (local.get 0))) (call $drop (local.get 0)) (local.get $rep))
              (func (export "both") (param i32 i32) (result i32) (i32.const 0))
              (func (export "dropped") (result i32) (global.get $dropped)))
            (core instance $m (instantiate $m
              (with "" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))
              (with "state" (instance $state))))
            (func (export "make") (param "rep" u32) (result (own $thing)) (canon lift (core func $m "make")))
            (func (export "value") (param "t" (borrow $thing)) (result u32) (canon lift (core func $m "value")))
            (func (export "take") (param "t" (own $thing)) (result u32) (canon lift (core func $m "take")))
            (func (export "both") (param "b" (borrow $thing)) (param "o" (own $thing)) (result u32)
              (canon lift (core func $m "both")))
            (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
          (component $borrower
            (import "thing" (type $thing (sub resource)))
            (import "value" (func $value (param "t" (borrow $thing)) (result u32)))
            (core func $value' (canon lower (func $value)))
            (core func $drop (canon resource.drop $thing))
            (core module $m
              (import "" "value" (func $value (param i32) (result i32)))
              (import "" "drop" (func $drop (param i32)))
              (func (export "hold") (param i32) (result i32) (local $value i32)
                (local.set $value (i32.mul (local.get 0) (i32.const 1000)))
                (local.set $value (i32.add (local.get $value) (call $value (local.get 0))))
                \(hold)
                (local.get $value)))
            (core instance $m (instantiate $m
              (with "" (instance (export "value" (func $value')) (export "drop" (func $drop))))))
            (func (export "hold") (param "t" (borrow $thing)) (result u32) (canon lift (core func $m "hold"))))
          (component $user
            (import "thing" (type $thing (sub resource)))
            (import "make" (func $make (param "rep" u32) (result (own $thing))))
            (import "value" (func $value (param "t" (borrow $thing)) (result u32)))
            (import "take" (func $take (param "t" (own $thing)) (result u32)))
            (import "both" (func $both (param "b" (borrow $thing)) (param "o" (own $thing)) (result u32)))
            (import "dropped" (func $dropped (result u32)))
            (import "hold" (func $hold (param "t" (borrow $thing)) (result u32)))
            (core func $make' (canon lower (func $make)))
            (core func $value' (canon lower (func $value)))
            (core func $take' (canon lower (func $take)))
            (core func $both' (canon lower (func $both)))
            (core func $dropped' (canon lower (func $dropped)))
            (core func $hold' (canon lower (func $hold)))
            (core func $drop (canon resource.drop $thing))
            (core module $m
              (import "" "make" (func $make (param i32) (result i32)))
              (import "" "value" (func $value (param i32) (result i32)))
              (import "" "take" (func $take (param i32) (result i32)))
              (import "" "both" (func $both (param i32 i32) (result i32)))
              (import "" "dropped" (func $dropped (result i32)))
              (import "" "hold" (func $hold (param i32) (result i32)))
              (import "" "drop" (func $drop (param i32)))
              (func (export "run") (result i32) (local $a i32) (local $b i32) \(run)))
            (core instance $m (instantiate $m (with "" (instance
              (export "make" (func $make')) (export "value" (func $value')) (export "take" (func $take'))
              (export "both" (func $both')) (export "dropped" (func $dropped')) (export "hold" (func $hold'))
              (export "drop" (func $drop))))))
            (func (export "run") (result u32) (canon lift (core func $m "run"))))
          (instance $owner (instantiate $owner))
          (alias export $owner "thing" (type $thing))
          (instance $borrower (instantiate $borrower
            (with "thing" (type $thing)) (with "value" (func $owner "value"))))
          (instance $user (instantiate $user
            (with "thing" (type $thing)) (with "make" (func $owner "make")) (with "value" (func $owner "value"))
            (with "take" (func $owner "take")) (with "both" (func $owner "both"))
            (with "dropped" (func $owner "dropped")) (with "hold" (func $borrower "hold"))))
          (export "run" (func $user "run")))
        """
    }

    @Test(
        arguments: [
            // Own handles: made, lent, given back, dropped with the definer's destructor.
            ("(call $value (call $make (i32.const 7)))", 7),
            ("(call $take (call $make (i32.const 7)))", 7),
            ("(call $drop (call $make (i32.const 7))) (call $dropped)", 7),
            ("(drop (call $take (call $make (i32.const 7)))) (call $dropped)", 7),
            (
                "(local.set $a (call $make (i32.const 5))) (call $drop (call $make (i32.const 6))) (call $value (local.get $a))",
                5
            ),
            // A borrower that does not define the resource gets a handle of its own, index 1.
            ("(drop (call $make (i32.const 5))) (call $hold (call $make (i32.const 7)))", 1007),
            // And after the call the owner may drop the handle.
            (
                "(local.set $a (call $make (i32.const 7))) (drop (call $hold (local.get $a))) (call $drop (local.get $a)) (call $dropped)",
                7
            ),
        ] as [(String, UInt32)])
    func handlesPass(run: String, result: UInt32) throws {
        let component = try linked(Self.composed(run: run, hold: "(call $drop (local.get 0))"))
        #expect(try ComponentModelTests.run(component) == result)
    }

    @Test(arguments: [
        ("(call $value (i32.const 1))", "", "unknown handle index 1"),
        ("(call $take (i32.const 0))", "", "unknown handle index 0"),
        (
            "(local.set $a (call $make (i32.const 7))) (drop (call $take (local.get $a))) (call $take (local.get $a))",
            "",
            "unknown handle index 1"
        ),
        (
            "(local.set $a (call $make (i32.const 7))) (drop (call $take (local.get $a))) (call $value (local.get $a))",
            "",
            "unknown handle index 1"
        ),
        // A handle that is lent to the call cannot be given away with it.
        (
            "(local.set $a (call $make (i32.const 7))) (call $both (local.get $a) (local.get $a))", "",
            "cannot remove owned resource while borrowed"
        ),
        (
            "(call $hold (call $make (i32.const 7)))", "", "borrow handles still remain at the end of the call"
        ),
        (
            "(call $hold (call $make (i32.const 7)))", "(call $drop (local.get 0)) (call $drop (local.get 0))",
            "unknown handle index 1"
        ),
    ])
    func badHandlesTrap(run: String, hold: String, message: String) throws {
        #expect(try fault(linked(Self.composed(run: run, hold: hold))) == message)
    }
}
