import ComponentModel
import Testing
import WasmEngine

/// Core modules are checked by the engine, whether or not anything instantiates them.
@Suite struct CoreModuleValidationTests {
    /// A function that should return a number and returns nothing, in a module that begins at byte `start`.
    private static let bad = "(core module $bad (func (result i32)))"
    /// Preamble 8, types 5 + 2, functions 2 + 2, code section's id, size, count, body's size, locals: the `end`.
    private static let place = 8 + 7 + 4 + 5

    private func plan(_ fields: String, _ body: (ComponentPlan, UnsafeRawBufferPointer) throws -> Void) throws {
        let bytes = try Engine.assemble("(component \(fields))")
        try bytes.withUnsafeBytes { try body(try ComponentDecoder.plan($0), $0) }
    }

    @Test func modulesThatNothingInstantiatesAreChecked() throws {
        let engine = try Engine()
        try self.plan(Self.bad) { plan, bytes in
            let error = #expect(throws: ComponentError.self) {
                try plan.validateUncompiledModules(bytes, engine: engine)
            }
            #expect(error?.kind == .invalid)
            #expect(error?.message.hasPrefix("core module is not valid: type mismatch") == true, "\(error as Any)")
            #expect(error?.offset == 10 + Self.place)
            #expect(error?.message.contains("offset") == false)
        }
    }

    @Test func modulesDeepInsideAreChecked() throws {
        let engine = try Engine()
        // Every component around it takes ten bytes.
        try self.plan("(component (component \(Self.bad)))") { plan, bytes in
            let error = #expect(throws: ComponentError.self) {
                try plan.validateUncompiledModules(bytes, engine: engine)
            }
            #expect(error?.offset == 30 + Self.place)
        }
    }

    @Test func modulesThatAreCompiledAreLeftToTheEngine() throws {
        let engine = try Engine()
        try self.plan("\(Self.bad) (core instance (instantiate $bad))") { plan, bytes in
            try plan.validateUncompiledModules(bytes, engine: engine)
            #expect(plan.invalidModule(bytes, engine: engine)?.offset == 10 + Self.place)
            let module = try #require(plan.coreModules.first)
            let error = #expect(throws: EngineError.self) {
                _ = try module.withBytes(of: bytes) { try engine.compile($0) }
            }
            let placed = ComponentError(try #require(error), inModuleAt: module.byteRange.lowerBound)
            #expect(placed.offset == 10 + Self.place, "\(placed)")
            #expect(placed.kind == .invalid)
        }
    }

    @Test func allModulesAreCheckedWithoutAPlan() throws {
        let engine = try Engine()
        let bytes = try Engine.assemble("(component (core module) \(Self.bad) (core instance (instantiate $bad)))")
        // The empty module takes ten bytes with its header.
        #expect(refusal(of: bytes, engine: engine)?.offset == 20 + Self.place)
        #expect(refusal(of: bytes) == nil)
    }

    @Test(arguments: [
        "(core module (func (result i32) i32.const 1))",
        "(core module $m (func (export \"f\"))) (core instance (instantiate $m)) (core module (memory 1))",
    ])
    func validModulesAreAccepted(fields: String) throws {
        let engine = try Engine()
        try self.plan(fields) { plan, bytes in
            try plan.validateModules(bytes, engine: engine)
            try plan.validateUncompiledModules(bytes, engine: engine)
            #expect(plan.invalidModule(bytes, engine: engine) == nil)
        }
    }

    @Test func generatedModulesAreNotTheFiles() throws {
        let engine = try Engine()
        // Two components that call each other have an adapter module, which the file does not hold.
        try self.plan(
            """
            (component $a (core module $m (func (export "f"))) (core instance $m (instantiate $m))
              (func $f (canon lift (core func $m "f"))) (export "f" (func $f)))
            (component $b (import "f" (func $f)) (core func $f (canon lower (func $f)))
              (core module $m (import "" "f" (func))) (core instance $i (export "f" (func $f)))
              (core instance (instantiate $m (with "" (instance $i)))))
            (instance $a (instantiate $a)) (instance (instantiate $b (with "f" (func $a "f"))))
            """
        ) { plan, bytes in
            #expect(plan.invalidModule(bytes, engine: engine) == nil)
        }
    }
}

/// Compositions hold several files: the one that is to blame is told, and the byte in it.
@Suite struct CompositionBlameTests {
    @Test(
        arguments: [
            (0, [], "0x0"), (99, [], "0x63"), (100, ["dep"], "0x0"), (149, ["dep"], "0x31"),
            (150, ["dep", "inner"], "0x0"), (159, ["dep", "inner"], "0x9"),
        ] as [(Int, [String], String)])
    func offsetsAreThoseOfAFile(offset: Int, path: [String], expected: String) {
        func plug(_ name: String, _ range: Range<Int>, _ plugs: [Composition.Plug] = []) -> Composition.Plug {
            Composition.Plug(
                ImportPattern(name, package: nil, interface: nil, version: nil),
                part: Composition.Part(name: name, range: range, plugs: plugs))
        }
        let dependency = plug("dep", 100..<150, [plug("inner", 150..<160)])
        let composition = Composition(root: Composition.Part(name: "root", range: 0..<100, plugs: [dependency]))
        let error = composition.blame(ComponentError(.invalid, "wrong", offset: offset))
        #expect(error.path == path)
        #expect(error.message == "component is invalid at byte \(expected): wrong")
    }
}
