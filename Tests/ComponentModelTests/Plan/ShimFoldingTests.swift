import ComponentModel
import Testing

@Suite struct ShimFoldingTests {
    @Test func shimAndFixupDisappearWhenAllSlotsAreHostFunctions() throws {
        let plan = try ComponentText(Components.command()).plan()
        #expect(plan.steps.count == 1)
        #expect(plan.coreModules.count == 1)
        let imports = plan.imports(ofStep: 0)
        let write = plan.trampoline(imports["wasi:io/streams@0.2.0 [method]output-stream.write"])
        guard case .lower(0, let options) = write?.kind else {
            Issue.record("write is not a host function")
            return
        }
        #expect(plan.options[options].memory == 0)
        #expect(
            plan.trampoline(imports["wasi:io/streams@0.2.0 [resource-drop]output-stream"])?.kind
                == .resourceDrop(resource: ResourceID(1), componentInstance: 0))
        #expect(plan.memories == [.export(instance: 0, name: "memory")])
        #expect(plan.functions.contains(.export(instance: 0, name: "cabi_realloc")))
        let run = try #require(plan.export(named: "wasi:cli/run@0.2.0")?.member("run")?.function)
        #expect(plan.functions[run.callee] == .export(instance: 0, name: "wasi:cli/run@0.2.0#run"))
    }

    @Test func slotsOfLaterInstancesKeepTheShim() throws {
        let text = Components.command(second: "(func $close)")
        let plan = try ComponentText(text).plan()
        #expect(plan.steps.count == 3)
        let imports = plan.imports(ofStep: 1)
        #expect(plan.trampoline(imports["wasi:io/streams@0.2.0 [method]output-stream.write"]) != nil)
        #expect(
            imports["wasi:io/streams@0.2.0 [resource-drop]output-stream"] == .export(instance: 0, name: "1"))
        // The fixup still fills every slot.
        #expect(plan.imports(ofStep: 2).count == 3)
    }

    /// A start function in between would see the empty table.
    @Test func startFunctionsInBetweenKeepTheShim() throws {
        let start = """
            (func $start (result (result)) (canon lift (core func $main "wasi:cli/run@0.2.0#run")))
            (start $start (result (value $v)))
            (export "v" (value $v))
            """
        let fixup = "(core instance $fixup (instantiate"
        let between = try ComponentText(Components.command().replacing(fixup, with: start + fixup)).plan()
        #expect(between.steps.count == 3)
        #expect(between.starts.map(\.position) == [2])
        let behind = try ComponentText(Components.command(more: start)).plan()
        #expect(behind.steps.count == 1)
        #expect(behind.starts.map(\.position) == [1])
    }

    /// A module that runs when it is instantiated would, too, be it by way of another one; behind the fixup none does.
    @Test func modulesThatStartInBetweenKeepTheShim() throws {
        let starts = "(core module $starts (func $start) (start $start)) (core instance (instantiate $starts))"
        let fixup = "(core instance $fixup (instantiate"
        let between = Components.command().replacing(fixup, with: starts + fixup)
        #expect(try ComponentText(between).plan().steps.count == 4)
        #expect(try ComponentText(Components.command(more: starts)).plan().steps.count == 2)
    }

    @Test func destructorsBehindAShimAreFoundDirectly() throws {
        let text = Components.command(
            second: "(func $drop)", more: "(type $r (resource (rep i32) (dtor (core func $indirect-drop))))")
        let plan = try ComponentText(text).plan()
        #expect(plan.steps.count == 1)
        guard case .defined(_, let slot?) = plan.resources.last, case .trampoline = plan.functions[slot] else {
            Issue.record("the destructor is not the host function")
            return
        }
    }

    static let otherShims: [(old: String, new: String)] = [
        ("local.get 0 i32.const 1 call_indirect", "nop local.get 0 i32.const 1 call_indirect"),
        ("local.get 3 i32.const 0", "local.get 2 i32.const 0"),
        ("(table (export \"$imports\") 2 2 funcref)", "(table (export \"$imports\") 2 2 funcref) (memory 1)"),
        ("(table (export \"$imports\") 2 2 funcref)", "(table (export \"$imports\") 2 2 funcref) (func) (start 0)"),
        ("i32.const 1 call_indirect (type $drop)", "i32.const 2 call_indirect (type $drop)"),
        ("(type $drop) local.get 0 i32.const 1", "(type $drop) (local i32) local.get 0 i32.const 1"),
    ]

    @Test(arguments: Self.otherShims.indices)
    func modulesThatDifferFromTheShimAreLeftAlone(index: Int) throws {
        let (old, new) = Self.otherShims[index]
        let shim = Components.shim.replacing(old, with: new)
        #expect(shim != Components.shim)
        let bytes = try ComponentText(Components.command(shim: shim)).bytes
        #expect(try planned(bytes).steps == planned(bytes, foldsShims: false).steps)
    }

    static let otherFixups: [(old: String, new: String)] = [
        ("(elem (i32.const 0) func 0 1)", "(elem (i32.const 0) func 0 1) (elem (i32.const 0) func 0)"),
        ("(elem (i32.const 0) func 0 1)", "(elem (i32.const 0) func 0 1) (func $f) (start $f)"),
        ("(elem (i32.const 0) func 0 1)", "(elem (i32.const 1) func 0 1)"),
        ("(elem (i32.const 0) func 0 1)", "(elem func 0 1)"),
        ("(elem (i32.const 0) func 0 1)", "(elem (i32.const 0) func 0 1) (export \"again\" (table 0))"),
    ]

    @Test(arguments: Self.otherFixups.indices)
    func modulesThatDifferFromTheFixupAreLeftAlone(index: Int) throws {
        let (old, new) = Self.otherFixups[index]
        let fixup = Components.fixup.replacing(old, with: new)
        #expect(fixup != Components.fixup)
        let bytes = try ComponentText(Components.command(fixup: fixup)).bytes
        #expect(try planned(bytes).steps == planned(bytes, foldsShims: false).steps)
    }

    @Test func slotsThatTheFixupLeavesEmptyStayTraps() throws {
        let fixup = Components.fixup.replacing("func 0 1)", with: "func 0)")
        let plan = try ComponentText(Components.command(fixup: fixup)).plan()
        #expect(plan.steps.count == 3)
        let imports = plan.imports(ofStep: 1)
        #expect(plan.trampoline(imports["wasi:io/streams@0.2.0 [method]output-stream.write"]) != nil)
        #expect(imports["wasi:io/streams@0.2.0 [resource-drop]output-stream"] == .export(instance: 0, name: "1"))
    }

    @Test func slotsFilledInAnotherOrderAreFollowed() throws {
        // Swapped slots have other types: a call traps, before and after.
        let fixup = Components.fixup.replacing("func 0 1)", with: "func 1 0)")
        let bytes = try ComponentText(Components.command(fixup: fixup)).bytes
        #expect(try planned(bytes).steps == planned(bytes, foldsShims: false).steps)
    }

    @Test func tablesThatOthersSeeAreLeftAlone() throws {
        let more = """
            (core module $spy (import "" "$imports" (table 2 2 funcref)))
            (core instance (instantiate $spy (with "" (instance $fixup-imports))))
            """
        let bytes = try ComponentText(Components.command(more: more)).bytes
        #expect(try planned(bytes).steps == planned(bytes, foldsShims: false).steps)
    }
}
