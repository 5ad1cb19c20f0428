import ComponentModel
import Testing
import WasmEngine

/// Merged components do what they do unmerged.
@Suite struct MergeTests {
    /// More functions, types and globals than fit into a LEB of one byte.
    private static func many(_ prefix: String) -> String {
        (0..<200).map {
            """
            (func (export "\(prefix)f\($0)") (param i32) (result i32) (i32.add (local.get 0) (i32.const \($0))))
            (global (export "\(prefix)g\($0)") (mut i32) (i32.const \($0 * 3)))
            """
        }.joined(separator: "\n")
    }

    static let sameResults: [(MergeModules, UInt32)] = [
        (
            MergeModules(
                "functions",
                #"(func (export "f") (result i32) (i32.const 7))"#,
                """
                (import "0" "f" (func $f (result i32)))
                (func $own (param i32) (result i32) (i32.add (local.get 0) (call $f)))
                (func (export "run") (result i32) (call $own (i32.const 5)))
                """), 12
        ),
        (
            MergeModules(
                "a module in between re-exports",
                #"(func (export "f") (result i32) (i32.const 7)) (memory (export "m") 1) (data (i32.const 0) "\2a")"#,
                """
                (import "0" "f" (func $f (result i32))) (import "0" "m" (memory 1))
                (export "g" (func $f)) (export "n" (memory 0))
                """,
                """
                (import "1" "g" (func $g (result i32))) (import "1" "n" (memory 1))
                (func (export "run") (result i32) (i32.add (call $g) (i32.load8_u (i32.const 0))))
                """), 49
        ),
        (
            MergeModules(
                "large indices", many(""),
                """
                (import "0" "f199" (func $last (param i32) (result i32)))
                (import "0" "f3" (func $third (param i32) (result i32)))
                (import "0" "g150" (global $g (mut i32)))
                \(many("x"))
                (func (export "run") (result i32)
                  (global.set $g (i32.add (global.get $g) (i32.const 1)))
                  (i32.add (global.get $g) (call $last (call $third (i32.const 1000)))))
                """), 150 * 3 + 1 + 1000 + 3 + 199
        ),
        (
            MergeModules(
                "types",
                #"(type (func (param i64))) (type $f (func (result i32 i32))) (func (export "f") (type $f) (i32.const 1) (i32.const 2))"#,
                """
                (type $unused (func (param f32)))
                (type $pair (func (result i32 i32)))
                (type $in (func (param i32 i32) (result i32)))
                (import "0" "f" (func $f (type $pair)))
                (table 1 funcref) (elem (i32.const 0) func $f)
                (func (export "run") (result i32)
                  (block (type $pair) (call_indirect (type $pair) (i32.const 0)))
                  (if (type $in) (i32.const 1) (then i32.add) (else i32.sub))
                  (loop (param i32) (result i32)))
                """), 3
        ),
        (
            MergeModules(
                "tables",
                """
                (table 1 funcref) (table $t (export "t") 4 10 funcref) (func $f (result i32) (i32.const 1))
                (func $g (result i32) (i32.const 2)) (elem (table $t) (i32.const 1) func $f $g)
                (elem declare func $f)
                """,
                """
                (import "0" "t" (table $t 4 10 funcref))
                (table $own 3 externref)
                (type $f (func (result i32)))
                (func $three (result i32) (i32.const 30))
                (elem $passive func $three $three)
                (elem (table $t) (i32.const 3) func $three)
                (elem declare func $three)
                (func (export "run") (result i32)
                  (table.init $t $passive (i32.const 0) (i32.const 0) (i32.const 1))
                  (elem.drop $passive)
                  (drop (table.grow $t (ref.func $three) (i32.const 2)))
                  (table.set $t (i32.const 5) (table.get $t (i32.const 1)))
                  (table.copy $t $t (i32.const 4) (i32.const 2) (i32.const 1))
                  (table.fill $own (i32.const 0) (ref.null extern) (i32.const 3))
                  (i32.add (i32.mul (i32.const 100) (i32.add (table.size $t) (table.size $own)))
                    (i32.add
                      (i32.add (call_indirect $t (type $f) (i32.const 0)) (call_indirect $t (type $f) (i32.const 3)))
                      (i32.add (call_indirect $t (type $f) (i32.const 4)) (call_indirect $t (type $f) (i32.const 5))))))
                """), 900 + 30 + 30 + 2 + 1
        ),
        (
            MergeModules(
                "memories",
                #"(memory (export "m") 1) (data (i32.const 8) "\01\02\03\04") (data "unused")"#,
                #"(memory (export "own") 2) (func (export "get") (param i32) (result i32) (i32.load8_u offset=1 (local.get 0)))"#,
                """
                (import "1" "own" (memory $own 2))
                (import "0" "m" (memory $m 1))
                (import "1" "get" (func $get (param i32) (result i32)))
                (data $passive "\\05\\06")
                (data (memory $own) (i32.const 65536) "\\09")
                (func (export "run") (result i32)
                  (memory.init $own $passive (i32.const 0) (i32.const 0) (i32.const 2))
                  (data.drop $passive)
                  (memory.copy $own $m (i32.const 2) (i32.const 8) (i32.const 4))
                  (memory.fill $m (i32.const 20) (i32.const 1) (i32.const 4))
                  (drop (memory.grow $own (i32.const 1)))
                  (i32.store8 $own offset=70000 (i32.const 0) (i32.const 7))
                  (v128.store8_lane $own offset=4 align=1 3 (i32.const 100) (v128.const i32x4 -1 0 0 0))
                  (i32.add
                    (i32.add
                      (i32.mul (i32.const 1000) (i32.add (memory.size $m) (i32.mul (i32.const 10) (memory.size $own))))
                      (call $get (i32.const 2)))
                    (i32.add
                      (i32.add (i32.load8_u $own (i32.const 70000)) (i32.load8_u $m (i32.const 20)))
                      (i32.add (i32.load8_u $own (i32.const 65536)) (i32.load8_u $own (i32.const 104))))))
                """), 31000 + 2 + 7 + 1 + 9 + 255
        ),
        (
            MergeModules(
                "globals",
                """
                (global (export "base") i32 (i32.const 1024))
                (global (export "other") i32 (i32.const -4))
                (global (export "n") (mut i64) (i64.const 5))
                (memory (export "m") 1)
                (table (export "t") 2000 funcref)
                """,
                """
                (import "0" "base" (global $base i32))
                (import "0" "other" (global $other i32))
                (import "0" "n" (global $n (mut i64)))
                (import "0" "m" (memory 1))
                (import "0" "t" (table 2000 funcref))
                (global $sum i32 (i32.add (global.get $base) (i32.mul (global.get $other) (i32.const 2))))
                (global $float f64 (f64.const 2.5))
                (data (global.get $base) "\\01\\02")
                (data (i32.add (global.get $base) (i32.const 8)) "\\03")
                (type $f (func (result i32)))
                (func $four (type $f) (i32.const 4))
                (elem (global.get $base) func $four)
                (func (export "run") (result i32)
                  (global.set $n (i64.add (global.get $n) (i64.trunc_f64_s (global.get $float))))
                  (i32.add (i32.add (global.get $sum) (i32.wrap_i64 (global.get $n)))
                    (i32.add (call_indirect (type $f) (i32.const 1024))
                      (i32.add (i32.load8_u (i32.const 1025)) (i32.load8_u (i32.const 1032))))))
                """), 1024 - 8 + 7 + 4 + 2 + 3
        ),
        (
            MergeModules(
                "vectors", #"(memory (export "m") 1) (data (i32.const 0) "\00\01\02\03\04\05\06\07")"#,
                """
                (import "0" "m" (memory 1))
                (func $pad) (func $pad2)
                (func (export "run") (result i32)
                  (i32x4.extract_lane 1
                    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
                      (i32x4.relaxed_trunc_f32x4_s (f32x4.convert_i32x4_s (v128.load8x8_u (i32.const 0))))
                      (v128.const i64x2 1 2))))
                """), 0x0003_0002
        ),
        (
            MergeModules(
                "tail calls",
                #"(func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))"#,
                """
                (import "0" "f" (func $f (param i32) (result i32)))
                (type $t (func (param i32) (result i32)))
                (table 2 funcref) (elem (i32.const 1) $f)
                (func $a (type $t) (return_call $f (i32.add (local.get 0) (i32.const 1))))
                (func $b (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 1)))
                (func (export "run") (result i32) (i32.add (call $a (i32.const 1)) (call $b (i32.const 10))))
                """), 36
        ),
        (
            MergeModules(
                "control",
                #"(func (export "id") (param i32) (result i32) (local.get 0))"#,
                """
                (import "0" "id" (func $id (param i32) (result i32)))
                (func $pick (param i32) (result i32) (local $x f32) (local $y i64) (local $r funcref)
                  (block $a (block $b (block $c (br_table $a $b $c (call $id (local.get 0))))
                    (return (i32.const 30)))
                    (return (i32.const 20)))
                  (select (result i32) (i32.const 10) (i32.const 11) (ref.is_null (local.get $r))))
                (func (export "run") (result i32)
                  (i32.add (call $pick (i32.const 0))
                    (i32.add (call $pick (i32.const 1)) (call $pick (i32.const 200)))))
                """), 60
        ),
        (
            MergeModules(
                "exceptions",
                """
                (tag $unused (export "u")) (tag $e (export "e") (param i32))
                (func (export "f") (throw $e (i32.const 40)))
                """,
                """
                (import "0" "e" (tag $e (param i32)))
                (import "0" "f" (func $f))
                (tag $own (param i64))
                (func (export "run") (result i32)
                  (block $caught (result i32)
                    (try_table (catch $e $caught) (call $f))
                    (i32.const 1))
                  (i32.const 2)
                  i32.add)
                """), 42
        ),
        (
            MergeModules(
                "typed references",
                """
                (type $f (func (param i32) (result i32)))
                (func (export "f") (type $f) (i32.add (local.get 0) (i32.const 1)))
                """,
                """
                (type $pad (func)) (type $f (func (param i32) (result i32)))
                (import "0" "f" (func $f (type $f)))
                (elem declare func $f)
                (func $call (param (ref null $f)) (result i32) (local (ref null $f))
                  (local.set 1 (local.get 0))
                  (block $null (result)
                    (return (call_ref $f (i32.const 1) (br_on_null $null (local.get 1)))))
                  (i32.const 50))
                (func (export "run") (result i32)
                  (i32.add (call $call (ref.func $f)) (call $call (ref.null $f))))
                """), 52
        ),
        (
            MergeModules(
                "garbage collection",
                """
                (type $pad (struct (field i64)))
                (func (export "f") (result i32) (struct.get $pad 0 (struct.new $pad (i64.const 9))) i32.wrap_i64)
                """,
                """
                (rec (type $node (struct (field i32) (field (mut (ref null $node))))) (type $list (array (mut i8))))
                (import "0" "f" (func $f (result i32)))
                (data $bytes "\\01\\02\\03")
                (func $sum (param (ref null any)) (result i32)
                  (if (result i32) (ref.test (ref $node) (local.get 0))
                    (then (struct.get $node 0 (ref.cast (ref $node) (local.get 0))))
                    (else (i32.const 100))))
                (func (export "run") (result i32)
                  (i32.add
                    (i32.add (call $f) (call $sum (struct.new $node (i32.const 5) (ref.null $node))))
                    (i32.add (call $sum (ref.i31 (i32.const 3)))
                      (array.get_u $list (array.new_data $list $bytes (i32.const 1) (i32.const 2)) (i32.const 1)))))
                """), 9 + 5 + 100 + 3
        ),
        (
            MergeModules(
                "segments of later modules win",
                #"(memory (export "m") 1) (table (export "t") 1 funcref) (func $f (result i32) (i32.const 1)) (elem (i32.const 0) $f) (data (i32.const 0) "\01")"#,
                #"(import "0" "m" (memory 1)) (import "0" "t" (table 1 funcref)) (func $f (result i32) (i32.const 2)) (elem (i32.const 0) $f) (data (i32.const 0) "\02")"#,
                """
                (import "0" "m" (memory 1)) (import "0" "t" (table 1 funcref)) (type $f (func (result i32)))
                (func (export "run") (result i32)
                  (i32.add (i32.load8_u (i32.const 0)) (call_indirect (type $f) (i32.const 0))))
                """), 4
        ),
        (
            MergeModules(
                "element expressions",
                #"(func (export "f") (result i32) (i32.const 6)) (table (export "t") 3 funcref)"#,
                """
                (type $f (func (result i32)))
                (import "0" "f" (func $f (type $f)))
                (import "0" "t" (table $t 3 funcref))
                (global $held funcref (ref.func $f))
                (table $own 2 funcref (ref.func $f))
                (elem (table $t) (offset (i32.const 1)) funcref (ref.func $f) (ref.null func))
                (elem (table $t) (i32.const 0) funcref (item (global.get $held)))
                (func (export "run") (result i32)
                  (i32.add (call_indirect $t (type $f) (i32.const 0)) 
                    (i32.add (ref.is_null (table.get $t (i32.const 2))) (call_indirect $own (type $f) (i32.const 1)))))
                """), 13
        ),
    ]

    @Test(arguments: Self.sameResults)
    func resultsAreTheSame(modules: MergeModules, expected: UInt32) throws {
        let guest = try MergeGuest(modules)
        #expect(guest.outcome(isMerged: false) == .value(expected))
        #expect(guest.mergedSteps() == 1)
        #expect(try guest.component(isMerged: true).coreInstanceCount == 1, "the merged module does not compile")
        #expect(guest.outcome(isMerged: true) == .value(expected))
    }

    static let sameTraps: [(MergeModules, Trap.Code)] = [
        (
            MergeModules(
                "unreachable", #"(func (export "f") unreachable)"#,
                #"(import "0" "f" (func $f)) (func (export "run") (result i32) (call $f) (i32.const 1))"#),
            .unreachable
        ),
        (
            MergeModules(
                "data out of bounds", #"(memory (export "m") 1)"#,
                #"(import "0" "m" (memory 1)) (data (i32.const 65535) "ab") (func (export "run") (result i32) (i32.const 1))"#
            ),
            .memoryOutOfBounds
        ),
        (
            MergeModules(
                "data out of bounds before elements are",
                #"(memory (export "m") 1) (table (export "t") 1 funcref) (data (i32.const 65535) "ab")"#,
                #"(import "0" "t" (table 1 funcref)) (func $f) (elem (i32.const 1) $f) (func (export "run") (result i32) (i32.const 1))"#
            ),
            .memoryOutOfBounds
        ),
        (
            MergeModules(
                "elements out of bounds before data is",
                #"(memory (export "m") 1) (table (export "t") 1 funcref) (func $f) (elem (i32.const 1) $f)"#,
                #"(import "0" "m" (memory 1)) (data (i32.const 65535) "ab") (func (export "run") (result i32) (i32.const 1))"#
            ),
            .tableOutOfBounds
        ),
        (
            MergeModules(
                "the wrong type through a table",
                #"(table (export "t") 1 funcref) (func $f (param i64)) (elem (i32.const 0) $f)"#,
                #"(import "0" "t" (table 1 funcref)) (type $f (func (result i32))) (func (export "run") (result i32) (call_indirect (type $f) (i32.const 0)))"#
            ),
            .badSignature
        ),
        (
            MergeModules(
                "a start function traps before later segments do",
                #"(memory (export "m") 1) (func $f (drop (i32.div_u (i32.const 1) (i32.const 0)))) (start $f)"#,
                #"(import "0" "m" (memory 1)) (data (i32.const 65536) "a") (func (export "run") (result i32) (i32.const 1))"#
            ),
            .integerDivisionByZero
        ),
    ]

    @Test(arguments: Self.sameTraps)
    func trapsAreTheSame(modules: MergeModules, expected: Trap.Code) throws {
        let guest = try MergeGuest(modules)
        #expect(guest.outcome(isMerged: false) == .trap(expected))
        #expect(guest.outcome(isMerged: true) == .trap(expected))
    }

    /// Runs of modules end with a start function: what comes later must not be there before it has run.
    @Test func startFunctionsRunInOrder() throws {
        let guest = try MergeGuest(
            MergeModules(
                "start",
                #"(memory (export "m") 1) (data (i32.const 0) "\01")"#,
                #"(import "0" "m" (memory 1)) (data (i32.const 1) "\02")"#,
                """
                (import "0" "m" (memory 1))
                (func $start
                  (i32.store8 (i32.const 2) (i32.add (i32.load8_u (i32.const 0)) (i32.load8_u (i32.const 1))))
                  (i32.store8 (i32.const 0) (i32.const 9))
                  (i32.store8 (i32.const 3) (i32.load8_u (i32.const 4))))
                (start $start)
                """,
                """
                (import "0" "m" (memory 1))
                (data (i32.const 0) "\\05") (data (i32.const 4) "\\07")
                (func $start (i32.store8 (i32.const 5) (i32.load8_u (i32.const 0))))
                (start $start)
                """,
                """
                (import "0" "m" (memory 1))
                (data (i32.const 5) "\\03")
                (func (export "run") (result i32)
                  (i32.add (i32.mul (i32.load8_u (i32.const 2)) (i32.const 1000))
                    (i32.add (i32.mul (i32.load8_u (i32.const 0)) (i32.const 100))
                      (i32.add (i32.mul (i32.load8_u (i32.const 3)) (i32.const 10)) (i32.load8_u (i32.const 5))))))
                """))
        #expect(guest.outcome(isMerged: false) == .value(3503))
        #expect(guest.outcome(isMerged: true) == .value(3503))
        // Three modules and their start; one with a start function, alone; the last.
        #expect(guest.mergedSteps() == 4)
    }

    @Test func aModuleInstantiatedTwiceIsCopied() throws {
        let counter = """
            (core module $counter
              (global $n (mut i32) (i32.const 0))
              (func (export "next") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
            """
        let guest = try MergeGuest(
            """
            (component
              \(counter)
              (core module $main
                (import "a" "next" (func $a (result i32)))
                (import "b" "next" (func $b (result i32)))
                (func (export "run") (result i32)
                  (drop (call $a)) (drop (call $a))
                  (i32.add (i32.mul (call $a) (i32.const 10)) (call $b))))
              (core instance $a (instantiate $counter))
              (core instance $b (instantiate $counter))
              (core instance $main (instantiate $main (with "a" (instance $a)) (with "b" (instance $b))))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """)
        #expect(guest.outcome(isMerged: false) == .value(31))
        #expect(guest.outcome(isMerged: true) == .value(31))
        #expect(guest.mergedSteps() == 1)
    }

    @Test(arguments: [
        "(i32.wrap_i64 (call $add (i32.const 3) (i64.const 4)))",
        "(call $sum (i32.const 16) (i32.const 5))",
        "(call $greet (i32.const 16) (i32.const 5) (i32.const 64)) (i32.load (i32.const 68))",
        "(call $numbers (i32.const 64)) (i32.load (i32.load (i32.const 64)))",
        "(call $value (call $make (i32.const 3)))",
        "(call $sum (i32.const 65530) (i32.const 50))",
        "(call $drop-thing (i32.const 3)) (i32.const 1)",
        "(call $refuse) (i32.const 1)",
    ])
    func hostFunctionsDoTheSame(body: String) throws {
        let guest = try MergeGuest(GuestText(run: body).text)
        let hosts = [Recorder(), Recorder(), Recorder()]
        let expected = guest.outcome(isMerged: false, host: hosts[0])
        #expect(guest.outcome(isMerged: true, host: hosts[1]) == expected)
        #expect(guest.outcome(isMerged: true, limits: Self.split, host: hosts[2]) == expected)
        #expect(hosts[1].calls == hosts[0].calls)
        #expect(hosts[2].calls == hosts[0].calls)
        #expect(guest.mergedSteps() == 1)
        #expect(guest.mergedSteps(limits: Self.split) == 2)
    }

    /// The memory's contents are a module of their own, however little code there is.
    private static let split = MergeLimits(splitSize: 0)

    @Test(arguments: [MergeLimits(), Self.split])
    func startFunctionsReachTheHost(limits: MergeLimits) throws {
        var text = GuestText(run: "(global.get $kept)")
        text.fields = """
            (func $begin (global.set $kept (call $sum (i32.const 23) (i32.const 3))))
            (start $begin)
            """
        let guest = try MergeGuest(text.text)
        #expect(guest.outcome(isMerged: false) == .value(6))
        #expect(guest.outcome(isMerged: true, limits: limits) == .value(6))
    }

    /// Host functions suspend and fail behind the image's table as they do when they are called directly.
    @Test(arguments: [MergeLimits(), Self.split])
    func guestsWaitInHostFunctions(limits: MergeLimits) throws {
        let component = try MergeGuest(
            GuestText(run: "(call $pause) (call $drop-thing (call $make (i32.const 3))) (i32.const 9)").text
        ).component(isMerged: true, limits: limits)
        let host = Recorder()
        let guest = try RunningGuest(component, host: host)
        #expect(try guest.advance() == false)
        host.isReady = true
        #expect(try guest.advance())
        #expect(guest.result == 9)
        #expect(host.things.live == 0)
    }

    /// Two applications that differ in their data alone share their code.
    @Test func dataDoesNotChangeTheCode() throws {
        let guests = try ["World", "Swirl"].map { word in
            // What an adapter keeps differs, too.
            var guest = GuestText(run: "(i32.add (global.get $state) (call $sum (i32.const 16) (i32.const 5)))")
            guest.fields = """
                (global $fixed i32 (i32.const 4)) (global $state (mut i32) (i32.const \(word == "World" ? 1000 : 2000)))
                (global $float (mut f32) (f32.const 1))
                (func (export "all") (result i32)
                  (i32.add (global.get $fixed) (i32.trunc_f32_s (global.get $float))))
                """
            let text = guest.text
            return try MergeGuest(text.split(separator: "World").joined(separator: word))
        }
        let codes = guests.map { guest in
            guest.source.bytes.withUnsafeBytes { file in
                let merged = guest.plan.merged(file, limits: Self.split)
                return (0..<2).map { module in
                    merged?.withCode(ofModule: module, in: file) { [UInt8]($0) } ?? []
                }
            }
        }
        #expect(codes[0][0] != codes[1][0])
        #expect(codes[0][1] == codes[1][1])
        #expect(!codes[0][1].isEmpty)
        #expect(guests.map { $0.outcome(isMerged: true, limits: Self.split) } == [.value(1520), .value(2529)])
    }

    @Test func backtracesNameTheModulesOfTheFile() throws {
        let guest = try MergeGuest(
            MergeModules(
                "names",
                #"(func $inner unreachable) (func (export "f") (call $inner))"#,
                #"(import "0" "f" (func $f)) (func $outer (export "run") (result i32) (call $f) (i32.const 1))"#
            ).text)
        var traces: [[String]] = []
        for isMerged in [false, true] {
            do {
                _ = try run(try guest.component(isMerged: isMerged))
                Issue.record("the guest trapped")
            } catch WasmFailure.trap(let trap) {
                traces.append(
                    trap.backtrace.map { frame in
                        var frame = frame
                        frame.moduleOffset = nil
                        return "\(frame)"
                    })
            }
        }
        #expect(traces[0] == ["m0!inner", "m0!<wasm function 1>", "m1!outer"])
        #expect(traces[1] == traces[0])
    }

    /// A component's start function sees what the modules before it did, and nothing of those after it.
    @Test func startFunctionsOfComponentsEndARun() throws {
        let guest = try MergeGuest(
            """
            (component
              (core module $m0 (memory (export "m") 1) (data (i32.const 0) "\\07"))
              (core instance $i0 (instantiate $m0))
              (core module $m1
                (import "0" "m" (memory 1))
                (global $seen (mut i32) (i32.const 99))
                (func (export "start") (global.set $seen (i32.load8_u (i32.const 0))))
                (func (export "run") (result i32) (global.get $seen)))
              (core instance $i1 (instantiate $m1 (with "0" (instance $i0))))
              (func $start (canon lift (core func $i1 "start")))
              (start $start)
              (core module $m2 (import "0" "m" (memory 1)) (data (i32.const 0) "\\2a"))
              (core instance (instantiate $m2 (with "0" (instance $i0))))
              (func (export "run") (result u32) (canon lift (core func $i1 "run"))))
            """)
        #expect(guest.mergedSteps() == 2)
        #expect(guest.outcome(isMerged: false) == .value(7))
        #expect(guest.outcome(isMerged: true) == .value(7))
    }
}
