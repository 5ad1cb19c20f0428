import ComponentModel
import Testing
import WasmEngine

/// Merged components do what they do unmerged.
@Suite struct MergeTests {
    @Test(arguments: MergeCases.sameResults)
    func resultsAreTheSame(modules: MergeModules, expected: UInt32) throws {
        let guest = try MergeGuest(modules)
        #expect(guest.outcome(isMerged: false) == .value(expected))
        #expect(guest.mergedSteps() == 1)
        #expect(try guest.component(isMerged: true).coreInstanceCount == 1, "the merged module does not compile")
        #expect(guest.outcome(isMerged: true) == .value(expected))
    }

    @Test(arguments: MergeCases.sameTraps)
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
