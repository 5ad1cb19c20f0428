import ComponentModel
import TestSupport
import Testing
import WasmEngine

/// What is not merged, and that merging hides no mistake.
@Suite struct MergeFallbackTests {
    private static let run = #"(func (export "run") (result i32) (i32.const 1))"#

    @Test func oneModuleIsLeftAsItIs() throws {
        #expect(try MergeGuest(MergeModules("one module", Self.run)).mergedSteps() == nil)
    }

    static let mismatched: [MergeModules] = [
        MergeModules(
            "a memory that is too small", #"(memory (export "m") 1)"#, #"(import "0" "m" (memory 2)) \#(Self.run)"#),
        MergeModules(
            "a memory that may grow too far", #"(memory (export "m") 1 9)"#,
            #"(import "0" "m" (memory 1 8)) \#(Self.run)"#),
        MergeModules(
            "a memory without the bound that is wanted", #"(memory (export "m") 1)"#,
            #"(import "0" "m" (memory 1 8)) \#(Self.run)"#),
        MergeModules(
            "a table of another type", #"(table (export "t") 1 externref)"#,
            #"(import "0" "t" (table 1 funcref)) \#(Self.run)"#),
        MergeModules(
            "a table that is too small", #"(table (export "t") 1 funcref)"#,
            #"(import "0" "t" (table 2 funcref)) \#(Self.run)"#),
        MergeModules(
            "a global that is not mutable", #"(global (export "g") i32 (i32.const 1))"#,
            #"(import "0" "g" (global (mut i32))) \#(Self.run)"#),
        MergeModules(
            "a global of another type", #"(global (export "g") i64 (i64.const 1))"#,
            #"(import "0" "g" (global i32)) \#(Self.run)"#),
        MergeModules(
            "a function of another type", #"(func (export "f") (param v128))"#,
            #"(import "0" "f" (func (param externref))) \#(Self.run)"#),
        MergeModules(
            "a tag of another type", #"(tag (export "e") (param i32))"#,
            #"(import "0" "e" (tag (param i64))) \#(Self.run)"#),
    ]

    /// Merging relies on it that imports are of the right types; a plan is made only where they are.
    @Test(arguments: Self.mismatched)
    func importsOfOtherTypesNeverGetToMerging(modules: MergeModules) {
        #expect(throws: ComponentError.self) { try MergeGuest(modules) }
    }

    /// The modules that are added to are valid; those with a hole are not.
    static let invalid: [MergeModules] = [
        MergeModules(
            "a function that only another module has", "(func) (func) (func)",
            "(func (call 2)) \(Self.run)"),
        MergeModules(
            "a global that only another module has", "(global i32 (i32.const 1)) (global i32 (i32.const 1))",
            "(func (drop (global.get 1))) \(Self.run)"),
        MergeModules(
            "a memory that only another module has", "(memory 1)", "(func (drop (memory.size 0))) \(Self.run)"),
        MergeModules(
            "a table that only another module has", "(table 1 funcref)", "(func (drop (table.size 0))) \(Self.run)"),
        MergeModules(
            "a reference that only another module declares", #"(func) (func (export "f"))"#,
            "(func $f) (func (drop (ref.func $f))) \(Self.run)"),
        MergeModules("a body of the wrong type", "(func)", "(func (result i32)) \(Self.run)"),
        MergeModules("a start function with parameters", "(func)", "(func $f (param i32)) (start $f) \(Self.run)"),
        MergeModules(
            "two invalid modules", "(func (result i64))", "(func (result i32)) \(Self.run)"),
    ]

    @Test(arguments: Self.invalid)
    func invalidModulesAreNamedAsTheyAreInTheFile(modules: MergeModules) throws {
        let guest = try MergeGuest(modules)
        let outcome = guest.outcome(isMerged: true)
        #expect(outcome == guest.outcome(isMerged: false))
        guard case .failure = outcome else {
            Issue.record("an invalid module ran: \(outcome)")
            return
        }
    }

    /// Modules that do not fit into one are not refused: runs of them are merged.
    @Test func limitsOfTheEngineAreKept() throws {
        let memory = #"(memory (export "m") 1)"#
        let guest = try MergeGuest(
            MergeModules(
                "many memories", memory, memory, memory, memory,
                """
                (import "0" "m" (memory $a 1)) (import "3" "m" (memory $b 1))
                (func (export "run") (result i32)
                  (i32.store $b (i32.const 4) (i32.const 6))
                  (i32.add (i32.load $b (i32.const 4)) (i32.load $a (i32.const 4))))
                """))
        #expect(guest.outcome(isMerged: false) == .value(6))
        #expect(guest.outcome(isMerged: true) == .value(6))
        #expect(guest.mergedSteps() == 2)
        #expect(guest.mergedSteps(limits: MergeLimits(memories: 4)) == 1)
        #expect(guest.mergedSteps(limits: MergeLimits(memories: 1)) == 4)
        #expect(guest.outcome(isMerged: true, limits: MergeLimits(memories: 1)) == .value(6))
    }

    @Test func memoriesAreCounted() throws {
        let guest = try MergeGuest(
            MergeModules("memories", #"(memory 1)"#, "(memory 2) \(Self.run)"))
        let merged = guest.source.bytes.withUnsafeBytes { guest.plan.merged($0)?.plan }
        #expect(merged?.definedMemories == 2)
        #expect(guest.plan.definedMemories == 2)
    }

    /// Ten thousand instances of one module would be ten thousand copies.
    @Test func modulesAreNotCopiedWithoutEnd() throws {
        let count = 300
        let instances = (0..<count).map { "(core instance $i\($0) (instantiate $m))" }.joined(separator: "\n")
        let guest = try MergeGuest(
            """
            (component
              (core module $m (func (export "run") (result i32) (i32.const 1)) (data "\(String(repeating: "a", count: 1000))"))
              \(instances)
              (func (export "run") (result u32) (canon lift (core func $i0 "run"))))
            """)
        #expect(guest.mergedSteps() == nil)
    }

    /// Whatever a byte is changed to: what compiles merged compiles unmerged.
    @Test(arguments: 0..<8)
    func mergingMakesNothingValid(seed: UInt64) throws {
        let engine = try Shared.engine.get()
        var random = SplitMix64(seed: seed)
        var sources = try MergeCases.sameResults.map { try ComponentText($0.0.text).bytes }
        sources.append(try ComponentText(GuestText(run: "(call $sum (i32.const 16) (i32.const 5))").text).bytes)
        for round in 0..<200 {
            var bytes = try #require(sources.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let index = bytes.indices.randomElement(using: &random) ?? 0
                bytes[index] = Bool.random(using: &random) ? bytes[index] &+ 1 : .random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { file in
                guard let plan = try? ComponentDecoder.plan(file),
                    let merged = plan.merged(file, limits: MergeLimits(splitSize: round % 2 == 0 ? 0 : .max))
                else { return }
                let areValid = merged.plan.coreModules.indices.allSatisfy {
                    merged.withCode(ofModule: $0, in: file) { try? engine.compile($0) } != nil
                }
                guard areValid else { return }
                for module in plan.coreModules {
                    #expect(throws: Never.self, "\(file.map { String($0, radix: 16) }.joined(separator: " "))") {
                        try module.withBytes(of: file) { try engine.compile($0) }
                    }
                }
            }
        }
    }
}
