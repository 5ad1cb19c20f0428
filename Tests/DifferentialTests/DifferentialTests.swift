import ComponentModel
import Testing
import WasmEngine

/// The same component on our runtime and on Wasmtime's own: the same values, the same traps.
@Suite struct DifferentialTests {
    private func compare(
        _ text: String, _ function: String, _ arguments: [ComponentValue], _ seed: Int, isMerged: Bool
    ) throws -> Outcome {
        let engine = try Shared.engine.get()
        let file = try Engine.assemble(text)
        var notes: [String] = []
        // What start functions and segments do at instantiation is part of the outcome.
        let expected = Outcome(
            { try WasmtimeInstance(file, engine: engine).call(function, arguments) },
            note: { notes.append("Wasmtime: \($0)") })
        let component = try SwirlComponent(file, engine: engine, isMerged: isMerged)
        let actual = Outcome({ try component.call(function, arguments) }, note: { notes.append("Swirl: \($0)") })
        #expect(
            actual == expected,
            "seed \(seed), merged: \(isMerged)\n\(notes.joined(separator: "\n"))\n\(arguments)\n\(text.prefix(6000))")
        return actual
    }

    @Test(arguments: 0..<70, [false, true])
    func valuesPassInAndOut(seed: Int, isMerged: Bool) throws {
        var generator = Generator(seed: seed)
        let type = GeneratedType.random(depth: 4, &generator)
        let text = GeneratedComponent.echo(type, generator.pick(GeneratedComponent.Encoding.allCases))
        for _ in 0..<4 {
            let value = type.value(&generator)
            let outcome = try self.compare(text, "echo", [value, Self.padding], seed, isMerged: isMerged)
            #expect(outcome == .value(ComponentValue.tuple([value, Self.padding]).canonical))
        }
    }

    @Test(arguments: 1000..<1070, [false, true])
    func valuesPassFromComponentToComponent(seed: Int, isMerged: Bool) throws {
        var generator = Generator(seed: seed)
        let type = GeneratedType.random(depth: 4, &generator)
        let encodings = GeneratedComponent.Encoding.allCases
        let text = GeneratedComponent.composed(type, generator.pick(encodings), generator.pick(encodings))
        for _ in 0..<4 {
            let value = type.value(&generator)
            let outcome = try self.compare(text, "echo", [value, Self.padding], seed, isMerged: isMerged)
            #expect(outcome == .value(ComponentValue.tuple([value, Self.padding]).canonical))
        }
    }

    /// What a hostile guest returns is either a value for both or a trap for both.
    @Test(arguments: 2000..<2100, [false, true])
    func anyMemoryIsLiftedAlike(seed: Int, isMerged: Bool) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<3 {
            let type = GeneratedType.random(depth: 3, &generator)
            let encoding = generator.pick(GeneratedComponent.Encoding.allCases)
            let text = GeneratedComponent.hostile(type, encoding, &generator)
            _ = try self.compare(text, "make", [], seed, isMerged: isMerged)
        }
    }

    /// Our planner merges modules and links them its own way: results, traps and their order stay the same.
    @Test(arguments: 3000..<3060, [false, true])
    func linkedModulesComputeTheSame(seed: Int, isMerged: Bool) throws {
        let text = LinkedModules.random(seed: seed)
        for argument: UInt32 in [0, 1, 77, .max] {
            _ = try self.compare(text, "run", [.u32(argument)], seed, isMerged: isMerged)
        }
    }

    private static var padding: ComponentValue { .tuple((0..<17).map { .u8($0) }) }
}
